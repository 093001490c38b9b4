"""`assay serve` as its clients see it: under load (`load.py`), and held to its OpenAPI document
(`contract.py`).

`serving.py` starts it, `visitors.py` are its clients, `watch.py` looks at its health and memory
from another process, `ends.py` ends it in the middle of its work.
"""
