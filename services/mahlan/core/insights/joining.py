"""The join: decisions with what their authors did then, and a comment's revisions with each other. One author at a time.

The sums come out the same in whichever order decisions and outcomes are read: they lie in two topics, and a check's
outcome is often there before its decision. Called by the insights service; its numbers are in ``tally``.
"""

from __future__ import annotations

from collections.abc import Mapping

from mahlan.core.budget import is_evidence
from mahlan.core.insights.author import (
    BANDS,
    MOST_COMMENTS,
    MOST_EARLY,
    MOST_REVISIONS,
    Author,
    Comment,
    Early,
    Nudge,
    Part,
    Told,
    short,
)
