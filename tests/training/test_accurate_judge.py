"""What the manifest says of labels beside ``toxic``: where each may decide, and from which score on."""

from __future__ import annotations

import numpy as np

from mahlan.events.comment import Reading
from training.accurate.examples import Example
from training.accurate.judge import judge_labels
from training.calibrate import LEAST, band_starts
from training.rows import Row
from training.spelling import INVENTED

BANDS = {"medium": {"precision": 0.9, "least": 0.6}, "high": {"precision": 0.97, "least": 0.85}}
LABELS = ("toxic", "insult", "threat")
READINGS = (Reading(kind="original", text="x", offsets=()),)


def build() -> tuple[list[Example], list[np.ndarray]]:
    """English insults are toxic, Arabic ones every second time; of threats the logit knows nothing."""
    dice, examples, logits = np.random.default_rng(3), [], []
    for at in range(1200):
        language, insult = ("en", "ar")[at % 2], int(dice.random() < 0.5)
        toxic = insult if language == "en" else int(dice.random() < 0.5)
        said = {"toxic": toxic, "insult": insult, "threat": int(dice.random() < 0.5)}
        examples.append(Example(Row("one", language, toxic, False, language, READINGS), said))
        logits.append(np.array([[4.0 * toxic - 2.0, 4.0 * insult - 2.0, 0.0]]) + dice.normal(0, 0.5, 3))
    return examples, logits


def test_a_label_decides_in_the_languages_where_it_means_harm() -> None:
    examples, logits = build()
    judged = judge_labels(examples, logits, LABELS, BANDS)
    assert judged.limits["en"]["insult"].medium < 0.9
    assert judged.limits["ar"]["insult"].medium == 0.99
    assert judged.limits["en"]["insult"].medium < judged.limits["default"]["insult"].medium


def test_a_label_that_nobody_can_tell_is_experimental_and_has_no_limits() -> None:
    examples, logits = build()
    judged = judge_labels(examples, logits, LABELS, BANDS)
    assert judged.experimental == ("threat",)
    assert all("threat" not in table for table in judged.limits.values())
    assert set(judged.limits["en"]) == {"toxic", "insult"}


def test_a_limit_counts_the_comments_that_do_not_say_the_label() -> None:
    examples, logits = build()
    dice = np.random.default_rng(4)
    for _ in range(300):  # mild in English, and the network takes them for insults
        examples.append(Example(Row("two", "en", 0, False, "en", READINGS), {"toxic": 0}))
        logits.append(np.array([[-2.0, 2.0, 0.0]]) + dice.normal(0, 0.5, 3))
    judged = judge_labels(examples, logits, LABELS, BANDS)
    assert judged.limits["en"]["insult"].medium >= 0.99


def scored(source: str, right: int, wrong: int, score: float) -> list[tuple[Row, float]]:
    return [(Row(source, "en", int(at >= wrong), False, "en", READINGS), score) for at in range(right + wrong)]


def starts(found: list[tuple[Row, float]]) -> tuple[float, float]:
    return band_starts(np.array([score for _, score in found]), [row for row, _ in found], BANDS)


def test_invented_comments_move_no_limit_where_enough_was_written() -> None:
    written = scored("one", 90, 10, 0.7) + scored("one", 0, 100, 0.2)
    twins = scored(INVENTED, 100, 100, 0.9)
    assert starts(written + twins) == starts(written) == (0.7, 0.99)


def test_invented_comments_count_where_too_few_were_written() -> None:
    written = scored("one", LEAST - 1, 0, 0.7) + scored("one", 0, 100, 0.2)
    assert starts(written + scored(INVENTED, 50, 50, 0.9))[0] == 0.99
    assert starts(written + scored(INVENTED, 99, 1, 0.9))[0] < 0.9
