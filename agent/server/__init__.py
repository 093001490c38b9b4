"""The service: a page and an HTTP API over the same check as the command line's.

`app.py` puts it together, `hosting.py` serves it; `runs.py` is the queue of checks, `run.py` one of
them, `kept.py` their folders; `shelf.py` shares the library; `guard.py` stands before every request
(hosts, origins, token, sizes, headers); `problems.py` words errors as RFC 9457 has it; `checks.py`,
`sources.py` and `chat.py` are the API by subject.
"""
