"""What all sources that ask a service share: one door to HTTP, its requests as data, windows of days, five outcomes.

A vendor is a folder of `sources/`: `source.yaml` says what it is and what a person must do there, `requests.yaml` what
is asked, and `source.py` only what cannot be said as data.
"""
