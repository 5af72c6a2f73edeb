"""What holds for every string: it is read without an error, the same when read again, and can be traced back."""

from __future__ import annotations

import string
import time
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahlan.core.normalise import WINDOW, Normalised, normalise, to_original
from mahlan.core.remember import CACHES

TROUBLE = (
    "اأإآىئؤةهوبتغيلم ًٌَُِّـ٣٥۳abcdefghiostuABCİſKªßﬁ0123456789@#_.,-;&!?$'\"/:*|~+ \t\n\r\x0b\x85\u2028"
    "😂❤️👍🏽🏳🌈💀\u200b\u200c\u200d\u200e\u202e\u2066\ufeff\u00ad\u034f\ufe0f\u20e3аеіорсυοΑΝéïñ\u0301\u0336"
    "ﷺﻏﺒﻲﻻﹷﱠＡ𝐢ⓘ①½가각ㄱ가漢\ud800\udfff\U000e0041\x00"
)
PIECES = [
    "&amp;", "&lt;", "&#65;", "&#x41;", "amp;", "lt;", "http://", "www.", ".com", "a@b.cc", "@user", "url", "num",
    "01012345678", "29801010112345", "+20", "#فكر_قبل", "#a", "i d i o t", "1d10t", "gr8", "7aga", "el ", "w ",
    "aaa", "ههه", "ha", "3-2", "5:30", "5km", "ﷺ", "\u200d", "الللله", "id", "iot ", "idoit ", "i", "d*ot", "you ",
    "حيو", "ان ", "متخفل ", "ل3بة", "w@y", "уоυ ", "th e ", "speak ", "s ", "heep ", "ya ", "7ay ", "awan ", " ",
    "yu ", "coud ", "hvae ", "th3 ", "bo ", "ok ", "w*nts ", "انت ", "وال ", "حاهج ", "عار ", "ف ",
]  # fmt: skip
anything = st.text(st.characters(exclude_categories=())) | st.text(TROUBLE) | st.text(st.sampled_from(string.printable))
stitched = st.lists(st.sampled_from(PIECES) | st.sampled_from(TROUBLE), max_size=30).map("".join)
texts = anything | stitched
often = settings(max_examples=400, deadline=None)


@often
@given(texts)
def test_idempotent(text: str) -> None:
    once = normalise(text).readings[0].text
    assert normalise(once).readings[0].text == once


@often
@given(texts, st.sampled_from([None, "ar", "arz", "arz-Latn", "en", "fr", "x-odd", ""]))
def test_never_raises_and_always_answers(text: str, hint: str | None) -> None:
    found = normalise(text, hint)
    assert found.language in {"arz", "ar", "arz-Latn", "en", "mixed", "und"}
    assert len(found.script) == 4
    assert found.length == len(text)
    found.readings[0].text.encode()


@often
@given(texts)
def test_offsets_add_up_and_lead_back_in_order(text: str) -> None:
    for reading in normalise(text).readings:
        assert sum(reading.offsets[::2]) == len(reading.text)
        assert sum(reading.offsets[1::2]) == len(text)
        assert all(n > 0 or o > 0 for n, o in zip(reading.offsets[::2], reading.offsets[1::2], strict=True))
        spans = [to_original(reading.offsets, at, at + 1) for at in range(len(reading.text))]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert spans == sorted(spans)


@often
@given(texts)
def test_runs_are_ordered_and_inside_the_text(text: str) -> None:
    border = 0
    for run in normalise(text).runs:
        assert border <= run.start < run.end <= len(text)
        border = run.start


@often
@given(texts)
def test_a_word_kept_as_it_was_is_found_where_it_was(text: str) -> None:
    found = normalise(text + " keptword " + text)
    at = found.readings[0].text.find("keptword")
    if at >= 0 and "keptword" not in text:
        start, end = to_original(found.readings[0].offsets, at, at + 8)
        assert (text + " keptword " + text)[start:end] == "keptword"


@pytest.mark.parametrize("unit", ["ﷺ", "a", "@a ", "7aga ", "isa ", "ا", "&lt;", "gr8 ", "😂a"])
def test_no_reading_is_longer_than_the_window(unit: str) -> None:
    text = unit * (WINDOW // len(unit) + 100)
    found = normalise(text)
    assert found.truncated
    assert found.length == len(text)
    for reading in found.readings:
        assert 0 < len(reading.text) <= WINDOW
        assert sum(reading.offsets[1::2]) == WINDOW


def test_the_window_itself_is_not_truncated() -> None:
    assert not normalise("a b " * (WINDOW // 4)).truncated


HARD = [
    "a", "ا", "ab", "غب", "a.", "a b ", "ا ", "1a", "a1", "3a", "@a", "@", "#", "#a_", "&", "&amp;", "amp;", "&#",
    ".", "a@", "a.a@", "😂", "a😂", "ab😂", "ه", "haha", "ha ", "0", "01", "+2", "\u200d", "ا\u200d", "ا\u064b",
    "e\u0301", "аb", "ﷺ", "𝐢", "_", "a_", "http://", "www.", "a-", "a*", "\n", " \t", "'", "a'", "el ", "w el ",
    "x7z", "!", "a!", "$a",
    "id iot ", "th e ", "idoit ", "a*b ", "id*ot ", "ا1ب", "w@y ", "у",
    "½", "가", "K", "..com", "aaab", "1d10t ", "kalbna ", "yu coud ", "bo ok ", "w*nt ", "حاهج ", "wiiw@а",
]  # fmt: skip


def seconds(texts: Iterable[str]) -> float:
    """The best of several alike, each new: what is remembered of one must not make the next one quick."""
    best = float("inf")
    for text in texts:
        start = time.process_time()
        normalise(text)
        best = min(best, time.process_time() - start)
    return best


def repeated(unit: str, size: int) -> Iterator[str]:
    """``unit`` again and again, some ``size`` characters of it, each time a little fewer."""
    return (unit * ((size - less * size // 50) // len(unit)) for less in range(4))


@pytest.mark.parametrize("unit", HARD)
def test_time_grows_with_the_length_not_with_its_square(unit: str) -> None:
    """Four times the text: 4 where time is linear, 16 where it is quadratic. Ratios only, the best of a few tries."""
    normalise(unit * 10)
    assert seconds(repeated(unit, 20_000)) / max(seconds(repeated(unit, 5_000)), 1e-4) < 10


def test_words_never_seen_cost_the_same_each() -> None:
    """Arabizi and elongation look words up: a text of 3,000 different ones stays linear too."""
    letters = "btgdrzsfklmnhw"
    made = [f"{a}a7{b}o{c}i{d}" for a in letters for b in letters for c in letters for d in "bdr"]
    few, many = ([" ".join(made[at + start : at + end]) for at in (0, 3000)] for start, end in ((0, 600), (600, 3000)))
    assert seconds(many) / max(seconds(few), 1e-4) < 10


def test_nothing_is_remembered_of_what_is_no_word() -> None:
    """A memory of words must not grow with what people send."""
    units = ("غب", "ab", "3a", "x7z", "a1b", "@a", "w@y", "a*b", "e\u0301", "ل3ب", "a.b", "ا\u064b")
    for unit in units:
        normalise(unit * 500)
    before = [cache.cache_info().currsize for cache in CACHES]
    for unit in units:
        normalise(unit * 501)
    assert [cache.cache_info().currsize for cache in CACHES] == before


def test_normalised_is_a_value() -> None:
    assert normalise("انت غبي") == normalise("انت غبي")
    assert isinstance(normalise(""), Normalised)
