"""Does asking help? The statistics of a campaign against its holdout: pure numbers, valid however often they are read.

One author is one ``Observation``; observations are summed into ``Totals``; ``effects`` reads totals.
docs/experiments.md says why, with the sources.
"""
