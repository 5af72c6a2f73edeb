"""Steps about single characters: entities, compatibility forms, invisible characters, white space, punctuation.

Called by ``core.normalise``, before any step that looks at words.
"""

from __future__ import annotations

import html
import re
import unicodedata

from mahlan.core.draft import WINDOW, Change, Edit, edits_of
from mahlan.core.remember import remembered

ARABIC_LETTER = (
    "\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f"
)
"""Letters of the Arabic script without tatweel (U+0640), as the inside of a character class."""

# Nested escapes (&amp;amp;lt;) are read in one go, so that one pass is enough however deep they nest.
_ENTITY = re.compile(r"&(?:amp;)*+(?:#[0-9]{1,7};|#x[0-9a-f]{1,6};|[a-z][a-z0-9]{1,31};)?", re.IGNORECASE)
_NESTED = re.compile(r"&(?:amp;)*+", re.IGNORECASE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
_JAMO = "\u1160-\u11ff\ud7b0-\ud7fb"
_PLAIN = "\x00-\x7f\u0621-\u064a"
_CLUSTER = re.compile(f"[^{_PLAIN}][{_MARKS}{_JAMO}]*+|[{_PLAIN}][{_MARKS}]++")

# Harakat, Quranic marks and their spacing presentation forms (NFKC would turn those into a space and a mark),
# tatweel, bidi controls, zero-width characters, soft hyphen, variation selectors, tags, C0 and C1 controls.
_HARAKAT = (
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff"
    "\ufc5e-\ufc63\ufe70-\ufe7f"
)
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_DROP = re.compile(f"[\u0640{_HARAKAT}{_INVISIBLE}]+")
_JOINER = re.compile("[\u200c\u200d]+")
# Both spellings of the last letter, Persian and as folded later: می نمی (present tense and its negation); ها های هایی
# (plural), ام ات اش ای اند (I am, you are, ...), تر ترین (comparative, superlative).
_PERSIAN_START = re.compile(f"(?<![{ARABIC_LETTER}])ن?م[یي]$")
_PERSIAN_END = re.compile(f"(?:ها(?:[یي]{{1,2}})?|ا[متش]|ا[یي]|اند|تر(?:[یي]ن)?)(?![{ARABIC_LETTER}])")
_PICTURE = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_STRAY_MARK = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")

# Characters none of the steps from ``surrogates`` to ``accents`` has anything to do with: printable ASCII, Arabic
# letters, digits and punctuation, pictures.
_UNUSUAL = re.compile(
    "[^ -~\n\u0621-\u063a\u0641-\u064a\u0660-\u0669\u060c\u061b\u061f\u2600-\u27bf"
    "\U0001f300-\U0001f6ff\U0001f900-\U0001faff]"
)
_BLANKS = re.compile(r"\s+")


def usual(text: str) -> bool:
    """Whether ``text`` holds everyday characters only, so that the steps in ``RARE`` can be passed over."""
    return not _UNUSUAL.search(text)


def surrogates(text: str) -> Change:
    """Lone surrogates become U+FFFD: they are not characters and no encoder takes them."""
    if text.isascii() or not _SURROGATE.search(text):
        return None
    return _SURROGATE.sub("\ufffd", text)


def entities(text: str) -> Change:
    """HTML entities as the character they stand for; unknown ones stay."""
    if "&" not in text:
        return None
    return edits_of(_ENTITY, text, lambda match: _entity(match[0]))


def _entity(escape: str) -> str:
    short = _NESTED.sub("&", escape, count=1)
    bare = "&amp;" if short == "&" else short
    plain = html.unescape(bare)
    if plain == bare:
        plain = html.unescape(bare.lower())
    return plain if plain and not plain.endswith(";") else bare


def compatibility(text: str) -> Change:
    """NFKC, cluster by cluster: Arabic presentation forms, full-width and mathematical letters, ligatures, ``ﷺ``."""
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return None
    return edits_of(_CLUSTER, text, lambda match: _nfkc(match[0]))


@remembered(4096)
def _nfkc(cluster: str) -> str:
    return unicodedata.normalize("NFKC", cluster)


def invisible(text: str) -> Change:
    """Drop harakat (vowel marks), tatweel (the stretching line), bidi and zero-width characters, controls."""
    if text.isascii() and text.isprintable():
        return None
    return edits_of(_DROP, text, lambda match: "")


def joiners(text: str) -> Change:
    """Keep a ZWNJ beside a Persian affix and a ZWJ inside an emoji; drop them anywhere else.

    Persian ``می‌خواهم`` (I want) needs its ZWNJ; Arabic needs none, so that there it only hides a word.
    """
    if "\u200c" not in text and "\u200d" not in text:
        return None
    found: list[Edit] = []
    for match in _JOINER.finditer(text):
        start, end = match.span()
        kept = "\u200c" if _within_word(text, start, end) else "\u200d" if _within_emoji(text, match) else ""
        if match[0] != kept:
            found.append((start, end, kept))
    return found or None


def _within_word(text: str, start: int, end: int) -> bool:
    """Whether a ZWNJ stands between a Persian verb's prefix or a plural's or pronoun's ending and their word."""
    if "\u200c" not in text[start:end]:
        return False
    return bool(_PERSIAN_START.search(text[max(start - 4, 0) : start]) or _PERSIAN_END.match(text[end : end + 5]))


def _within_emoji(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    return "\u200d" in match[0] and bool(_PICTURE.match(before) and _PICTURE.match(after))


def stray_marks(text: str) -> Change:
    """Drop combining marks that NFKC left over: piles of them (zalgo) and the ring of a keycap."""
    if text.isascii():
        return None
    return edits_of(_STRAY_MARK, text, lambda match: "")


def blanks(text: str) -> Change:
    """One space for each run of white space, none at the ends."""
    if " ".join(text.split()) == text:
        return None
    size = len(text)
    return edits_of(_BLANKS, text, lambda match: "" if match.start() == 0 or match.end() == size else " ")


_PUNCTUATION = {
    "\u061f": "?", "\u060c": ",", "\u061b": ";", "\u066a": "%", "\u06d4": ".", "\u00bf": "?", "\u00a1": "!",
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u02bc": "'", "\u00b4": "'", "`": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
}  # fmt: skip
_MARKED = re.compile("[" + "".join(_PUNCTUATION) + "]")


def punctuation(text: str) -> Change:
    """Arabic and typographic punctuation as its plain Latin counterpart, one for one."""
    if not _MARKED.search(text):
        return None
    return _MARKED.sub(lambda match: _PUNCTUATION[match[0]], text)


def window(text: str) -> Change:
    """Cut what compatibility forms (``ﷺ`` is eighteen characters) or placeholders made longer than ``WINDOW``."""
    return [(WINDOW, len(text), "")] if len(text) > WINDOW else None
