"""Time, memory and disk: of the models, of a check, of a library, and how each grows.

`speed.py` (with `stages.py`) measures the models and a check, `first_paint.py` a report's page in
a browser. Of the library: `scale.py` its growth, `footprint.py` its bytes, `served.py` the same on
a server; `curves.py` tells the exponents. Of skills on long and hostile texts: `growth.py` and
`linearity.py`.
"""
