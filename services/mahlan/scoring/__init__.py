"""The scoring core: a model is a folder; texts in, scores and verdicts out. One core, three doors."""
