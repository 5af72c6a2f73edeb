"""Every number of a board once more, counted the plain way from the topics: all records in memory, dicts and sets.

Written apart from ``core/insights`` on purpose, and sharing nothing with it, so that the two can disagree. The scenario
compares them. What is told by ``core/experiment`` (intervals, the sample ratio) is asked of it here too, with totals of
our own: those are statistics, not counts.
"""
