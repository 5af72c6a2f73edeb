"""The functional suite, the evasion table and the minimal pairs, counted on a model whose answers are known."""

from __future__ import annotations

import json
import sys
from math import isnan

import pytest

from mahlan.core.normalise import normalise
from mahlan.core.verdict import Limits, judge
from mahlan.scoring.model import Scores
from training import evasions, fairness, functional, groups
from training.attacks import ATTACKS, NOT_IN, WORD, attack
from training.invented import Case, Pair
from training.judging import Judged, Rate, counted, judge_texts

LIMITS = {"default": {"toxic": Limits(threshold=0.4, medium=0.6, high=0.9)}}


class WordModel:
    """Scores a text by the strongest known word in its first reading; 0.1 where there is none."""

    name = "words@1"

    def __init__(self, words: dict[str, float]) -> None:
        self.words = words

    def score(self, items):
        scores = [max([self.words.get(word, 0.1) for word in item.readings[0].text.split()] or [0.1]) for item in items]
        return [Scores({"toxic": score}, judge({"toxic": score}, "en", LIMITS)) for score in scores]


def case(text: str, toxic: int, language: str = "en", capability: str = "some") -> Case:
    return Case(f"{language}-{text}", text, language, capability, "one", toxic, {}, "test")


def test_wilson_interval_of_a_known_rate():
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert counted([True, False, True]) == Rate(2, 3)


def test_judging_separates_threshold_from_nudge():
    model = WordModel({"goose": 0.5, "rotten": 0.7})
    assert judge_texts(model, ["silly goose", "rotten day", "fine"]) == [
        Judged(0.5, toxic=True, nudged=False),
        Judged(0.7, toxic=True, nudged=True),
        Judged(0.1, toxic=False, nudged=False),
    ]


def test_functional_counts_what_passes():
    cases = [
        case("goose", 1),
        case("rotten", 1, "arz-Latn"),
        case("quiet", 1),
        case("goose again", 0, capability="praise"),
    ]
    said = judge_texts(WordModel({"goose": 0.5, "rotten": 0.7}), [one.text for one in cases])
    rates = {
        (cell.at, cell.toxic, cell.capability, cell.language): cell.passed for cell in functional.suite(cases, said)
    }
    assert rates["threshold", 1, "some", "en"] == Rate(1, 2)
    assert rates["threshold", 1, "all", "all"] == Rate(2, 3)
    assert rates["nudge", 1, "some", "all"] == Rate(1, 3)
    assert rates["threshold", 0, "praise", "en"] == Rate(0, 1)
    assert rates["nudge", 0, "praise", "en"] == Rate(1, 1)
    assert rates["nudge", 0, "praise", "ar"] == Rate(0, 0)
    text = functional.as_table([cell for cell in functional.suite(cases, said) if cell.at == "threshold"])
    assert "| some | yes | – | – | 1/1 | 1/2 | – | 2/3 = 0.67 (0.21–0.94) |" in text


def test_evasions_try_only_what_was_found_and_count_what_is_lost():
    model = WordModel({"blorpish": 0.7})  # a word that nobody can put right
    lines = list(evasions.evasions(model, [case("blorpish", 1), case("quiet", 1)], seed=1, share=1.0))
    by_name = {line.attack: line for line in lines if line.language == "en"}
    assert by_name["dropped_letter"].lost == Rate(1, 1)
    assert by_name["dropped_letter"].drop == pytest.approx(0.6)
    assert by_name["zero_width"].lost == Rate(0, 1)
    assert by_name["zero_width"].nudges_lost == Rate(0, 1)
    assert "tatweel" not in by_name
    assert "respelling" not in by_name
    assert "| dropped_letter | en | 1 | 0.700 | 0.100 | +0.600 | 1.00 (0.21–1.00) | 1/1 |" in evasions.as_table(lines)
    assert [isnan(number) for number in by_name["dropped_letter"].drop_interval] == [True, True]  # of one case


def test_fairness_finds_the_gap_and_who_makes_it():
    pairs = [Pair("p1", "my {} friend", "m", "en", 0), Pair("p2", "no {} here", "m", "en", 1)]
    found = fairness.sentences(WordModel({"nubian": 0.5}), pairs, {"en": {"m": ["Nubian", "Syrian"]}})
    harmless, hurtful = fairness.by_language(found)
    assert isnan(harmless.gap_interval[0])
    assert (harmless.toxic, hurtful.toxic) == (0, 1)
    assert harmless.mean_gap == pytest.approx(0.4)
    assert harmless.worst.ends == ("Syrian", "Nubian")
    assert (harmless.flips, harmless.nudge_flips, harmless.flagged) == (Rate(1, 1), Rate(0, 1), Rate(1, 2))
    assert fairness.leanings(found) == {"en": {"Nubian": 0.2, "Syrian": -0.2}}
    assert "| en | no | 1 | 0.400 | 0.400 | p1: Syrian < Nubian | 1/1 | 0/1 | 1/2 |" in fairness.as_table([harmless])


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize(("language", "text"), [("arz", "امشي من هنا محدش طايقك"), ("arz-Latn", "emshy men hena 8aby")])
def test_an_attack_changes_the_text_the_same_way_for_a_seed(name, language, text):
    changed = {attack(name, text, f"{seed}", 1.0) for seed in range(8)}
    assert attack(name, text, "5", 1.0) == attack(name, text, "5", 1.0)
    if language in NOT_IN.get(name, ()):
        assert changed == {text}
    else:
        assert text not in changed


def test_an_attack_leaves_the_other_words():
    text = "nobody wants this strange neighbour around"
    disguised = attack("masked_letter", text, "1", 0.3)
    pairs = list(zip(text.split(), disguised.split(), strict=True))
    assert sum(one != other for one, other in pairs) == 2
    assert attack("masked_letter", "a b", "1") == "a b"
    assert len(attack("leet", "oh", "1")) == 2


@pytest.mark.parametrize("name", ["spaced_letters", "dotted_letters", "tatweel", "harakat", "elongation"])
def test_the_normaliser_sees_through_what_it_promises(name):
    text = "انت سخيف"
    disguised = attack(name, text, "3", 0.5)
    assert disguised != text
    assert normalise(disguised).readings[0].text == text


def test_words_of_three_letters_can_be_disguised():
    for name in ATTACKS:
        for seed in range(20):
            assert attack(name, "بنت cat", f"{seed}", 1.0)
    assert [found[0] for found in WORD.finditer("a to cat, بنت!")] == ["cat", "بنت"]


@pytest.mark.parametrize("command", [functional, groups, evasions, fairness])
def test_a_command_says_what_model_is_missing(command, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["x", "--model", "none@1", "--models", f"{tmp_path}"])
    with pytest.raises(SystemExit, match="there is no model none@1"):
        command.main()


@pytest.mark.parametrize(
    ("command", "key"), [(functional, "cells"), (groups, "lines"), (evasions, "lines"), (fairness, "lines")]
)
def test_a_command_prints_json(command, key, monkeypatch, capsys):
    monkeypatch.setattr(command, "loaded", lambda _: WordModel({"stupid": 0.95, "غبي": 0.95, "sudanese": 0.5}))
    monkeypatch.setattr(sys, "argv", ["x", "--json"])
    command.main()
    told = json.loads(capsys.readouterr().out)
    assert told["model"] == "words@1"
    assert len(told[key]) >= 10
