"""The service: a page and an HTTP API over the same check as the command line's.

`app.py` puts it together; `runs.py` keeps the queue of checks and their folders; `guard.py` stands
before every request (hosts, origins, token, sizes, headers); `problems.py` words errors as RFC 9457
has it; `checks.py`, `sources.py` are the API by subject.
"""
