"""Public data sets, as their publishers give them, turned into rows to train on: ``python -m training.convert``.

``sources.py`` is the table; the rest is one engine for all of it.
"""
