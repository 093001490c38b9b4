"""The embedded judge: what fits it, what each of its parts carries, what it does on rough texts.

`calibrate.py` and `calibrate_claims.py` fit what follows the network, `calibrate_choices.py`
measures other ways to; `ablations.py` leaves parts out, `gate.py` measures what far passages cost,
`robustness.py` texts as they come. What the network said is kept by `judged.py`.
"""
