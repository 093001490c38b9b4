"""The only way to a language model: what is asked, paid for, kept and replayed goes through here.

`model.py` is the way of one question, top to bottom: asked for in the journal (`keeping.py`,
`journal.py`), laid out (`question.py`), sent when its turn comes (`pace.py`) within the budget
(`budget.py`), by a client that guards its way to the network (`provider.py`), and sent again or
given up as `faults.py` and `waits.py` read the reply. `answers.py` reads an answer strictly.
`opening.py` opens the model of a name, `asking.py` holds the settings, `counters.py` what it all
takes, `tracing.py` tells of it.

Beside it stand `cassette.py`, which records and replays the HTTP beneath, `batching.py`, which has
questions answered by the stage, `scripted.py`, which answers from a file, `estimating.py`, which
says what a run would take, and `probe.py`, which finds out what a server can do.
"""
