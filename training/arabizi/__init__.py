"""How well Arabizi is read in Arabic letters (``python -m training.arabizi``)."""
