"""Conversations over the library: questions, answers with citations, and the tools for both.

`turns.py` answers one question, by a language model that is given `tools.py` (`model.py`, each
sentence held to what it cites by `checking.py`) or without one (`quoted.py`). `conversations.py`
keeps what was said, `reports.py` finds the reports that are asked about.
"""
