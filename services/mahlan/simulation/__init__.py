"""Experiments with invented authors whose behaviour is known, to see whether the statistics find what was planted.

Called by ``mahlan simulate`` and tests. Needs numpy (extra ``scorer``); the statistics themselves are core's own.
"""
