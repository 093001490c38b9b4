"""Comparing: what code finds out about a claim and a passage, instead of a model's guess.

`checks.py` is the way in: figures, dates, places and results, quotations, and who did what to
whom are read in both and compared, each only of the same thing; `ruling.py` tells where that
decides alone, which verdict follows, and what is left of a model's probabilities. No model is
asked, and nothing here knows of libraries or sources.
"""
