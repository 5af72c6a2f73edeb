"""How well Arabizi is read in Arabic letters (``python -m training.arabizi``), and the table it is read with."""
