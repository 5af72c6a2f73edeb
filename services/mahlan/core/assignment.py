"""Choices that must come out the same on every machine and after every restart: all of them hashes.

Called by the policy (holdout, wording), the dispatcher and the gateway (decision ids), and the routes between models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

Choice = TypeVar("Choice")
Named = TypeVar("Named", bound=str)


@lru_cache(maxsize=4096)  # asked for twice per comment: is it a repeat, and what is it called
def decision_id(campaign: str, comment_id: str, revision: int) -> str:
    """The id of the one decision on a comment's revision: 32 hex digits (128 bits) of SHA-256.

    Each part is preceded by its length in bytes, so that no two triples join to the same bytes.
    """
    return _digest(campaign, comment_id, str(revision)).hex()[:32]


def in_holdout(author_key: str, campaign: str, salt: str, share: float) -> bool:
    """Whether this author never sees a nudge of the campaign, so that its effect can be measured.

    By author, not by comment, and frozen for as long as the campaign keeps its id, salt and share. Growing the
    share keeps everybody who is in the holdout already.
    """
    return fraction(campaign, salt, author_key) < share


def pick(options: Sequence[Choice], seed: str) -> Choice:
    """One of ``options`` (at least one), always the same for the same seed."""
    return options[int(fraction("pick", seed) * len(options))]


def first_choice(options: Sequence[Named], *seed: str) -> Named:
    """One of ``options`` (at least one), the same for the same seed whatever else there is to choose from.

    Each option draws a number of its own and the highest wins (rendezvous hashing: Thaler and Ravishankar 1998). An
    option that goes or comes moves only those who had chosen it, or choose it now; their order says nothing.
    """
    return max(options, key=lambda option: (fraction(*seed, option), option))


def _digest(*parts: str) -> bytes:
    hashed = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        hashed.update(b"%d:" % len(raw))
        hashed.update(raw)
    return hashed.digest()


def fraction(*parts: str) -> float:
    """A number in [0, 1), evenly spread over different parts."""
    # 53 bits: a float holds them exactly, so the result is never rounded up to 1.0.
    return (int.from_bytes(_digest(*parts)[:8], "big") >> 11) / 2**53
