"""The only way to a language model: what is asked, paid for, kept and replayed goes through here.

`model.py` is the way of one question; the others serve it: `provider.py` opens a client,
`faults.py` says what a fault means, `answers.py` reads an answer strictly, `journal.py` keeps it,
`cassette.py` records and replays the HTTP beneath, `scripted.py` answers from a file.
"""
