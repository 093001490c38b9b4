"""Many articles: read one after the other, checked, and each report kept as soon as it is there.

items.py      what goes in (`Item`) and what comes out (`Outcome`)
settings.py   with what any process can build its checker
reading.py    folders, patterns, files and tables as items, read as they are asked for
run.py        `check_all`: items in, outcomes out, in this process
batch.py      one run: what has to be checked, and how far it is
keeping.py    the folder of reports, and the record of what is finished
claims.py     all claims as one table
index.py      all reports as one page
connecting.py  a connection to Ray
cluster.py    things spread over a Ray cluster, results taken back
on_ray.py     `check_on_ray`: `check_all` on a cluster
granting.py   what all of its workers share of a language model
preparing.py  sources read, cut and embedded on a cluster
"""
