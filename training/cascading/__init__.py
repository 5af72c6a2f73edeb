"""Choosing the numbers of a cascade on dev. ``python -m training.band`` is the command."""
