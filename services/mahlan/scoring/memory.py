"""Gives freed memory back to the operating system. Called by the swapper once an old model is gone."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def return_freed() -> None:
    """What a model freed, glibc keeps for itself, and a pod's limit counts it. Elsewhere this does nothing."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
