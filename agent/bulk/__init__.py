"""Many articles: read one after the other, checked, and each report kept as soon as it is there.

items.py      what goes in (`Item`) and what comes out (`Outcome`)
reading.py    folders, globs, files and tables as items, read as they are asked for
run.py        `check_all`: items in, outcomes out, in this process
"""
