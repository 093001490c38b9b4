"""Faults of a model server, and what they lead to; `python -m evals.faults` tries them.

`table.py` lists the faults, `server.py` answers with them, `run.py` asks and says what must hold,
`trials.py` is what is tried; `virtual_time.py` jumps over all waiting.
"""
