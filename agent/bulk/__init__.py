"""Many articles: read one after the other, checked, and each report kept as soon as it is there.

    items.py      what goes in (`Item`) and what comes out (`Outcome`)
    settings.py   with what any process can build its checker
    reading.py    folders, patterns, files and tables as items, read as they are asked for
    run.py        `check_all`: items in, outcomes out, in this process
    batch.py      one run: what has to be checked, and how far it is
    keeping.py    the folder of reports, and the record of what is finished
    claims.py     all claims as one table
    index.py      all reports as one page
"""
