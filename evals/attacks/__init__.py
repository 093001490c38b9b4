"""Texts, sources and files that mean harm: what they win, and what the defence costs.

`injection.py` puts in strings that address the checker (`injected.py` makes the texts,
`tallies.py` counts, `watching.py` sees what is reached for), `obedient.py` asks models that obey
them, `alarms.py` counts false alarms. `poison.py` plants sources, `adaptive.py` rewrites them,
`spinning.py` spins texts. `hostile_files.py` sends bombs and addresses through every way in, to
the process of `hostile_child.py`.
"""
