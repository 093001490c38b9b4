"""Language models: what a check takes of one, and models on this machine that stand in for one.

`gateway.py` measures time, requests and tokens of a check, `dryrun.py` how near its estimate comes,
`cascade.py` what asking the embedded judge first saves. `oracle.py` answers from a suite's key,
`model_server.py` over HTTP.
"""
