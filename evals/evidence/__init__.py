"""The evidence on a claim: is it found, quoted at the right place, counted once, read right?

`retrieval.py` measures what is found, `quotes.py` which sentence of it is quoted, `cited.py` what
becomes of sentences that cite it. `origins.py` measures which sources are one voice (on
`origin_pairs/`), `outlets.py` what many outlets' accounts of one event make of a claim.
"""
