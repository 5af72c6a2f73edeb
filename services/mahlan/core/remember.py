"""What is worked out of one word, remembered: words come again and again. Used by every step about words."""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache, wraps
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST = 64
"""Characters of a word that is remembered. People write none that is longer: a memory of any length would grow with
what they send, 20,000 characters an entry."""

CACHES: list[_lru_cache_wrapper[Any]] = []
"""All of them, for whoever measures what a word costs that was never seen."""


def remembered(most: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """A function of a word (and of what else it is asked with) that remembers the last ``most`` answers."""

    def memory(function: Callable[..., T]) -> Callable[..., T]:
        cached = lru_cache(most)(function)
        CACHES.append(cached)

        @wraps(function)
        def answer(word: str, *rest: Any) -> T:
            return cached(word, *rest) if len(word) <= LONGEST else function(word, *rest)

        return answer

    return memory
