"""What measures. Here: suites, metrics, runs and their comparison, which `assay eval` goes through.

In folders, each with programs of its own: the judge, the evidence, language models, attacks,
crashes, the service, performance.
"""
