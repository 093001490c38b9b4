"""What is left of work that is killed, or whose disk fails, once it is taken up again.

`durability.py` disturbs what changes a library (`library_trials.py`), `resuming.py` a check
(`check_trials.py`), each at every step that writes; `stepping.py` stops a process there.
"""
