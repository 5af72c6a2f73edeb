"""The garbage collector, set for services that hold thousands of records at once. Called at a process's start.

Python looks for cycles every 700 new containers; a batch of records makes tens of thousands, none in a cycle. Looking
that often cost the scorer half of its decoding time and the normaliser a fifth of its work.
"""

from __future__ import annotations

import gc

#: New containers between two looks at the young ones; then young looks per middle look, and those per full one.
THRESHOLDS = (50_000, 20, 20)


def tune_collector() -> None:
    """Look rarely, and never again at what was there at start: modules, tables, classes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
