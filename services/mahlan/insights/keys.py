"""The keys of the state topic. An author's is under ``author/``; of what is a sum, the key tells what of.

``window/CAMPAIGN/WINDOW`` holds counters, ``sketch/CAMPAIGN/WINDOW|NAME`` the authors in it, and
``totals/CAMPAIGN/LANGUAGE|ARM`` the experiment. Campaigns are ``[a-z0-9-]``, windows hold no ``|``.
"""

from __future__ import annotations

from typing import NamedTuple

from mahlan.insights.state import AUTHOR

WINDOW = "window"
SKETCH = "sketch"
TOTALS = "totals"


class Sum(NamedTuple):
    """What a key is of: its kind, campaign, window (or language), and the name in it (or arm; empty for counters)."""

    kind: str
    campaign: str
    window: str
    name: str


def author_key(name: str) -> bytes:
    """An author's key."""
    return AUTHOR + name.encode()


def window_key(campaign: str, window: str) -> bytes:
    """The counters of a window."""
    return f"{WINDOW}/{campaign}/{window}".encode()


def sketch_key(campaign: str, window: str, name: str) -> bytes:
    """The authors seen in a window, all of them (an empty name) or those of a language or hashtag."""
    return f"{SKETCH}/{campaign}/{window}|{name}".encode()


def totals_key(campaign: str, language: str, arm: str) -> bytes:
    """The totals of an arm's authors in one language."""
    return f"{TOTALS}/{campaign}/{language}|{arm}".encode()


def read_key(key: bytes) -> Sum:
    """What a sum's key is of."""
    kind, campaign, rest = key.decode().split("/", 2)
    window, _, name = rest.partition("|")
    return Sum(kind, campaign, window, name)
