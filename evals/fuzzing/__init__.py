"""Parsers and writers on bytes that nobody meant.

    python -m evals.fuzzing                              every target, a million inputs each
    python -m evals.fuzzing pdf dates --minutes 5        two of them, five minutes of processor each
    python -m evals.fuzzing pdf --again fuzz/pdf-1a2b…   one input again, with its traceback

A target (`Target`) is a function of bytes that raises nothing: only the errors that its contract
names may leave the code under trial, and what that gives must keep the target's rules (offsets
exact, quotes verbatim, every sentence accounted for, no markup of a text in a page). An input may
take a second of the processor. Inputs are seeds of the target's own format, altered
(`mutation.py`); the number of an input and the seed of the run make the same bytes again.
"""
