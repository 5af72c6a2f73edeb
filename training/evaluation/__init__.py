"""The evaluation of a model and the gate it must pass: ``make eval``, ``python -m training.evaluate``."""
