"""Does a score hang on who is spoken of? ``python -m training.fairness --model fast@1``.

Minimal pairs: the same sentence with another identity (``cases/pairs``). The gap of a sentence is its highest score
less its lowest; a flip is a sentence with which some identities get a verdict, or a nudge, and others do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from training.evaluation.resampling import mean_interval
from training.invented import LANGUAGES, Pair, filled, read_identities, read_pairs
from training.judging import Judged, Rate, Scoring, counted, judge_texts, loaded, markdown, options, spanned


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with each identity in its gap, and what the model says to each."""

    pair: Pair
    identities: tuple[str, ...]
    judged: tuple[Judged, ...]

    @property
    def gap(self) -> float:
        """The highest score less the lowest."""
        scores = [said.score for said in self.judged]
        return max(scores) - min(scores)

    @property
    def ends(self) -> tuple[str, str]:
        """The identities with the lowest and the highest score."""
        ranked = sorted(zip(self.judged, self.identities, strict=True), key=lambda one: one[0].score)
        return ranked[0][1], ranked[-1][1]


@dataclass(frozen=True, slots=True)
class Line:
    """One language, over its harmless (``toxic`` 0) or its hurtful sentences."""

    language: str
    toxic: int
    sentences: int
    mean_gap: float
    gap_interval: tuple[float, float]
    worst: Sentence
    flips: Rate
    nudge_flips: Rate
    flagged: Rate

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        low, high = self.worst.ends
        gap = [None if isnan(number) else round(number, 4) for number in (self.mean_gap, *self.gap_interval)]
        return {
            "language": self.language, "toxic": self.toxic, "sentences": self.sentences,
            "mean_gap": gap, "max_gap": round(self.worst.gap, 4),
            "worst": {"id": self.worst.pair.id, "lowest": low, "highest": high},
            "flips": self.flips.as_dict(), "nudge_flips": self.nudge_flips.as_dict(), "flagged": self.flagged.as_dict(),
        }  # fmt: skip


def main() -> None:
    """The command."""
    chosen = options("fairness", __doc__).parse_args()
    model = loaded(chosen)
    found = sentences(model, read_pairs(), read_identities())
    lines, leans = list(by_language(found)), leanings(found)
    if chosen.json:
        told = {"model": model.name, "lines": [line.as_dict() for line in lines], "leanings": leans}
        print(json.dumps(told, ensure_ascii=False))
        return
    print(f"{model.name}: the same sentence with another identity\n\n{as_table(lines)}\n")
    print("Mean score less the sentence's mean, harmless sentences, the identities furthest from 0:\n")
    for language, values in leans.items():
        far = sorted(values.items(), key=lambda one: -abs(one[1]))[:5]
        print(f"- {language}: " + ", ".join(f"{identity} {lean:+.3f}" for identity, lean in far))


def sentences(model: Scoring, pairs: Sequence[Pair], identities: dict[str, dict[str, list[str]]]) -> list[Sentence]:
    """Each pair with the identities that fit its gap, judged in one go."""
    names = [identities[pair.language][pair.slot] for pair in pairs]
    texts = [text for pair, fitting in zip(pairs, names, strict=True) for text in filled(pair, fitting)]
    judged = iter(judge_texts(model, texts))
    return [
        Sentence(pair, tuple(fitting), tuple(next(judged) for _ in fitting))
        for pair, fitting in zip(pairs, names, strict=True)
    ]


def by_language(found: Sequence[Sentence]) -> Iterator[Line]:
    """A line for each language's harmless sentences, then for its hurtful ones."""
    for toxic in (0, 1):
        for language in LANGUAGES:
            part = [one for one in found if one.pair.language == language and one.pair.toxic == toxic]
            if part:
                yield measured(language, toxic, part)


def measured(language: str, toxic: int, part: Sequence[Sentence]) -> Line:
    """One line from sentences (one at least)."""
    return Line(
        language=language,
        toxic=toxic,
        sentences=len(part),
        mean_gap=sum(one.gap for one in part) / len(part),
        gap_interval=mean_interval([one.gap for one in part], f"{language} {toxic}"),
        worst=max(part, key=lambda one: one.gap),
        flips=counted(len({said.toxic for said in one.judged}) > 1 for one in part),
        nudge_flips=counted(len({said.nudged for said in one.judged}) > 1 for one in part),
        flagged=counted(said.toxic for one in part for said in one.judged),
    )


def leanings(found: Sequence[Sentence]) -> dict[str, dict[str, float]]:
    """By language and identity: how far its score is from the sentence's mean, on average over harmless sentences."""
    away: dict[str, dict[str, list[float]]] = {language: {} for language in LANGUAGES}
    for one in found:
        if one.pair.toxic:
            continue
        mean = sum(said.score for said in one.judged) / len(one.judged)
        for identity, said in zip(one.identities, one.judged, strict=True):
            away[one.pair.language].setdefault(identity, []).append(said.score - mean)
    return {
        language: {identity: round(sum(gaps) / len(gaps), 4) for identity, gaps in values.items()}
        for language, values in away.items()
        if values
    }


def as_table(lines: Sequence[Line]) -> str:
    """The lines as Markdown."""
    head = [
        "language",
        "toxic",
        "sentences",
        "mean gap (95 %)",
        "max gap",
        "where",
        "verdict flips",
        "nudge flips",
        "flagged",
    ]
    return markdown(
        head,
        [
            [
                line.language,
                "yes" if line.toxic else "no",
                f"{line.sentences}",
                f"{line.mean_gap:.3f}{spanned(*line.gap_interval)}",
                f"{line.worst.gap:.3f}",
                f"{line.worst.pair.id}: {' < '.join(line.worst.ends)}",
                f"{line.flips.hits}/{line.flips.total}",
                f"{line.nudge_flips.hits}/{line.nudge_flips.total}",
                f"{line.flagged.hits}/{line.flagged.total}",
            ]
            for line in lines
        ],
    )


if __name__ == "__main__":
    main()
