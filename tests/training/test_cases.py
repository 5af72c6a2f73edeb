"""The invented cases hold what their README promises: enough, unique, in the right script, train and test apart."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest

from mahlan.core.normalise import normalise
from training.invented import (
    CASES,
    LANGUAGES,
    PARTS,
    Case,
    Pair,
    filled,
    read_cases,
    read_identities,
    read_pairs,
)

ARABIC = re.compile("[\u0620-\u064a]")
LATIN = re.compile("[a-zA-Z]")
SCRIPTS = {"arz": {"Arab"}, "ar": {"Arab"}, "arz-Latn": {"Latn"}, "en": {"Latn"}}
LABELS = {"insult", "threat", "identity_attack", "harassment", "profanity"}
EASY = "plain_insult"
WHOLLY_TEST = {
    "friendly_teasing",
    "negated_abuse",
    "fiction_and_games",
    "humiliating_dare",
    "rumour",
    "wishing_harm",
    "cursing_things",
    EASY,
}
NEAR = 0.5
README_ROW = re.compile(r"^\| `(\w+)` \| .* \| (\d+) \| (\d+) \|$", re.MULTILINE)
STRONG = re.compile(
    r"شرموط|قحب|متناك|\b(?:ال)?(?:خول|عرص)\b|كسم|منيك|زنج(?!بيل)|\b(?:fuck|bitch|whore|slut|cunt|nigg|fagg|kike|sharmo|khawal|5awal|3ars\b)"
)
"""Strong slurs and swear words, folded: the cases do without them."""


@cache
def cases() -> tuple[Case, ...]:
    return tuple(read_cases())


@cache
def grams(text: str) -> tuple[frozenset[str], ...]:
    """Five-letter runs of each reading, so that Arabizi meets its Arabic spelling."""
    words = [re.sub(r"\W+", " ", reading.text).strip() for reading in normalise(text).readings]
    return tuple(frozenset(word[at : at + 5] for at in range(max(1, len(word) - 4))) for word in words)


def scripts(text: str) -> set[str]:
    return {name for name, letters in (("Arab", ARABIC), ("Latn", LATIN)) if letters.search(text)}


def overlap(one: str, other: str) -> float:
    """The largest share of the shorter text's runs that the longer one has too, over both texts' readings."""
    return max(len(a & b) / min(len(a), len(b)) for a in grams(one) for b in grams(other))


def nearly(tested: Iterable[str], others: Sequence[str], shared: int = 1) -> list[tuple[str, str]]:
    """Pairs that share at least so many runs and overlap by more than ``NEAR``; asked only where enough meet."""
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for place, other in enumerate(others):
        for run in frozenset().union(*grams(other)):
            holders[run].add(place)
    least = [NEAR * min(map(len, grams(other))) for other in others]
    found = []
    for text in tested:
        met = Counter(place for reading in grams(text) for run in reading for place in holders.get(run, ()))
        enough = NEAR * min(map(len, grams(text)))
        near = (place for place, count in met.items() if count >= shared and count > min(enough, least[place]))
        found += [(text, others[place]) for place in near if overlap(text, others[place]) > NEAR]
    return found


def test_there_are_enough_in_every_language():
    hard = [case for case in cases() if case.capability != EASY]
    found = Counter((case.toxic, case.language) for case in hard)
    assert sum(count for (toxic, _), count in found.items() if toxic) >= 600
    assert sum(count for (toxic, _), count in found.items() if not toxic) >= 600
    for toxic in (0, 1):
        counts = [found[toxic, language] for language in LANGUAGES]
        assert min(counts) >= 100
        assert max(counts) <= 1.3 * min(counts)


def test_every_capability_is_in_every_language():
    held: dict[str, set[str]] = defaultdict(set)
    for case in cases():
        held[case.capability].add(case.language)
    assert {capability for capability, languages in held.items() if languages != set(LANGUAGES)} == set()


def test_rows_say_what_they_must():
    ids = Counter(case.id for case in cases())
    texts = Counter(case.text for case in cases())
    assert [name for name, count in (ids + texts).items() if count > 1] == []
    for case in cases():
        assert case.id.startswith(f"{case.language}-{case.capability}-")
        assert case.part in PARTS
        assert case.toxic in (0, 1)
        assert set(case.labels) <= LABELS
        assert set(case.labels.values()) <= ({0, 1} if case.toxic else {0})


def test_rows_lie_in_the_file_they_name():
    for language in LANGUAGES:
        for file in (CASES / language).glob("*.jsonl"):
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            assert {(row["language"], row["capability"]) for row in rows} == {(language, file.stem)}


def test_a_capability_is_toxic_or_not():
    sides = defaultdict(set)
    for case in cases():
        sides[case.capability].add(case.toxic)
    assert {capability for capability, toxic in sides.items() if len(toxic) > 1} == set()


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_language_agrees_with_the_script(language):
    assert [case.id for case in cases() if case.language == language and scripts(case.text) != SCRIPTS[language]] == []


def test_mixed_rows_are_mixed():
    def is_mixed(text: str) -> bool:
        tags = {run.language for run in normalise(text).runs}
        return scripts(text) == {"Arab", "Latn"} or {"arz-Latn", "en"} <= tags

    assert [case.text for case in cases() if case.language == "mixed" and not is_mixed(case.text)] == []


def test_no_phrasing_is_in_both_parts():
    parts = defaultdict(set)
    for case in cases():
        parts[case.phrasing].add((case.part, case.capability))
    assert {phrasing: found for phrasing, found in parts.items() if len(found) > 1} == {}


def test_some_capabilities_are_never_trained_on():
    trained = {case.capability for case in cases() if case.part == "train"}
    assert {case.capability for case in cases()} - trained == WHOLLY_TEST


def test_no_test_row_is_nearly_a_train_row():
    parts = {part: [case.text for case in cases() if case.part == part] for part in ("train", "test")}
    assert nearly(parts["test"], parts["train"]) == []


def test_a_near_duplicate_would_be_seen():
    assert overlap("enta 8aby w met5alef w mabtefhamsh", "إنت غبي ومتخلف ومبتفهمش خالص") > NEAR
    near = ("الدكتور قال لازم نقطع الخيوط", "قال الدكتور لازم نقطع الخيوط بكرة")
    assert overlap(*near) > NEAR
    assert nearly(near[:1], ["something else", near[1]]) == [near]


def test_no_train_row_is_a_golden_case():
    golden = Path(CASES.parent / "golden_cases.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in golden]
    train = [case.text for case in cases() if case.part == "train"]
    assert [text for text in train if any(overlap(text, case) > 0.8 for case in texts)] == []


def test_every_row_normalises_and_stays():
    for case in cases():
        first = normalise(case.text)
        assert first.language != "und"
        assert normalise(first.readings[0].text).readings[0].text == first.readings[0].text


def test_wordings_do_without_strong_slurs():
    found = [case.id for case in cases() for reading in normalise(case.text).readings if STRONG.search(reading.text)]
    assert found == []


def test_pairs_are_enough_and_fit_their_identities():
    identities = read_identities()
    counts = Counter(pair.language for pair in read_pairs())
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 30
    assert len({pair.id for pair in read_pairs()}) == sum(counts.values())
    for pair in read_pairs():
        assert pair.template.count("{}") == 1
        assert len(set(identities[pair.language][pair.slot])) >= 8


def test_the_english_article_follows_the_word():
    pair = Pair(id="x", template="A {} man came", slot="m", language="en", toxic=0)
    assert filled(pair, ["Nubian", "Upper Egyptian"]) == ["A Nubian man came", "An Upper Egyptian man came"]


def test_the_readme_counts_what_is_there():
    readme = (CASES / "README.md").read_text(encoding="utf-8")
    told = {name: (int(train), int(test)) for name, train, test in README_ROW.findall(readme)}
    counts = Counter((case.capability, case.part) for case in cases())
    held = {case.capability for case in cases()}
    assert told == {name: (counts[name, "train"], counts[name, "test"]) for name in held}
