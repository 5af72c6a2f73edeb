"""Steps that put a placeholder where a link, handle, e-mail, phone number or national id stood.

The placeholders in lower case are those of the training data (``@user``, ``url``, ``email``, ``num``). Called by
``core.normalise`` before any step about letters, so that nothing folds inside them.
"""

from __future__ import annotations

import re

from mahlan.core.draft import Change, Edit, edits_of
from mahlan.core.entities import EMAIL, HASHTAG, MAYBE_EMAIL, MAYBE_URL, MENTION, URL, is_hashtag, is_national_id
from mahlan.core.steps.leet import signed_words

_TEXT_DIGIT = "0-9\u0660-\u0669\u06f0-\u06f9"
_ZERO, _ONE, _TWO = "[0\u0660\u06f0]", "[1\u0661\u06f1]", "[2\u0662\u06f2]"
_DIGIT = f"[{_TEXT_DIGIT}]"
_GAP = "[ .\\-]?"

# Egyptian mobiles: 010, 011, 012, 015 and eight digits; with +20 or 0020 the leading 0 may be absent.
_MOBILE = (
    rf"(?:(?:\+|{_ZERO}{{2}}){_TWO}{_ZERO}{_GAP}{_ZERO}?|{_TWO}{_ZERO}(?={_ONE})|{_ZERO}){_ONE}"
    rf"[0125\u0660\u0661\u0662\u0665\u06f0\u06f1\u06f2\u06f5](?:{_GAP}{_DIGIT}){{8}}"
)
# Cairo and Alexandria (02, 03) and the governorates' area codes, with the leading zero and a gap or none.
_LANDLINE = rf"{_ZERO}(?:[2-3\u0662\u0663]{_GAP}{_DIGIT}{{7,8}}|[4-9\u0664-\u0669]{_DIGIT}{_GAP}{_DIGIT}{{7}})"
_ABROAD = rf"\+[1-9](?:{_GAP}{_DIGIT}){{8,13}}"
_ID = rf"(?P<id>[23\u0662\u0663\u06f2\u06f3]{_DIGIT}{{13}})"
_NUMBER = re.compile(rf"(?<![\w.])(?:{_MOBILE}|{_LANDLINE}|{_ABROAD}|{_ID})(?!\w)")
_MAYBE_NUMBER = re.compile(rf"{_DIGIT}(?:{_GAP}{_DIGIT}){{7}}")


def links(text: str) -> Change:
    """``url`` for a web address."""
    if not MAYBE_URL.search(text):
        return None
    return edits_of(URL, text, lambda match: "url")


def emails(text: str) -> Change:
    """``email`` for an e-mail address."""
    if "@" not in text or not MAYBE_EMAIL.search(text):
        return None
    return edits_of(EMAIL, text, lambda match: "email")


def mentions(text: str) -> Change:
    """``@user`` for a handle, not for a word that has ``@`` for an ``a`` (``w@y``)."""
    if "@" not in text:
        return None
    words = signed_words(text)
    if not words:
        return edits_of(MENTION, text, lambda match: "@user")
    inside = [range(*span) for span in words]
    return edits_of(MENTION, text, lambda match: match[0] if any(match.start() in word for word in inside) else "@user")


def numbers(text: str) -> Change:
    """``num`` for a phone number or an Egyptian national id, in any digits. Other numbers stay."""
    if not _MAYBE_NUMBER.search(text):
        return None
    return edits_of(_NUMBER, text, _mask_number)


def _mask_number(match: re.Match[str]) -> str:
    return match[0] if match["id"] and not is_national_id(match["id"]) else "num"


def hashtags(text: str) -> Change:
    """A hashtag as its words: the ``#`` goes, underscores become spaces."""
    if "#" not in text:
        return None
    found: list[Edit] = []
    for match in HASHTAG.finditer(text):
        if is_hashtag(match[1]):
            found.append((match.start(), match.start(1), ""))
            found += [(at, at + 1, " ") for at in range(*match.span(1)) if text[at] == "_"]
    return found or None
