"""The bare alternative: a fact-checker of LangChain's plain parts, and Assay beside it.

`pipeline.py` is an afternoon's work as a good engineer would do it, `parts.py` what it is made
of. `reader.py` is the model that both ask, `quality.py` and `trouble.py` what is measured.
"""
