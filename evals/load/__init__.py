"""The service under load; `python -m evals.load` puts it there.

`service.py` starts it, `visitors.py` are its clients, `watch.py` looks at its health and memory
from another process, `ends.py` ends it in the middle of its work.
"""
