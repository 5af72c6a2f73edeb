"""What disguises cost the model: ``python -m training.evasions --model fast@1``.

Toxic invented cases that the model finds as they stand are disguised (``attacks.py``) and scored again: score before
and after, the drop, and the share of verdicts lost at the threshold and at the nudge band. Seeded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from training.attacks import ATTACKS, NOT_IN, attack
from training.evaluation.resampling import mean_interval
from training.invented import LANGUAGES, PARTS, Case, read_cases
from training.judging import Judged, Rate, Scoring, counted, judge_texts, loaded, markdown, options, spanned

ALL = "all"
SEED = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One attack on one language's cases: mean scores, and of the verdicts and nudges there were, those lost."""

    attack: str
    language: str
    before: float
    after: float
    drop_interval: tuple[float, float]
    lost: Rate
    nudges_lost: Rate

    @property
    def drop(self) -> float:
        """Mean score before less the mean after."""
        return self.before - self.after

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        drop = [None if isnan(number) else round(number, 4) for number in (self.drop, *self.drop_interval)]
        scores = {"before": round(self.before, 4), "after": round(self.after, 4), "drop": drop}
        rates = {"lost": self.lost.as_dict(), "nudges_lost": self.nudges_lost.as_dict()}
        return {"attack": self.attack, "language": self.language, **scores, **rates}


@dataclass(frozen=True, slots=True)
class Tried:
    """A case with what the model says to it before and after an attack."""

    case: Case
    before: Judged
    after: Judged


def main() -> None:
    """The command."""
    parser = options("evasions", __doc__)
    parser.add_argument("--part", choices=(*PARTS, ALL), default="test", help="which cases (default: test)")
    parser.add_argument("--share", type=float, default=0.5, help="share of a case's words disguised (default: 0.5)")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    model = loaded(chosen)
    cases = [case for case in read_cases(part=None if chosen.part == ALL else chosen.part) if case.toxic]
    lines = list(evasions(model, cases, chosen.seed, chosen.share))
    if chosen.json:
        print(json.dumps({"model": model.name, "part": chosen.part, "lines": [line.as_dict() for line in lines]}))
        return
    print(f"{model.name}: toxic invented cases ({chosen.part}) found as they stand, then disguised\n")
    print(as_table(lines))


def evasions(model: Scoring, cases: Sequence[Case], seed: int, share: float) -> Iterator[Line]:
    """Lines by attack and language, with the line over all languages last; only cases the model finds are tried."""
    judged = judge_texts(model, [case.text for case in cases])
    found = [(case, said) for case, said in zip(cases, judged, strict=True) if said.toxic]
    for name in ATTACKS:
        tried = _tried(model, name, found, seed, share)
        for language in (*LANGUAGES, ALL):
            part = [one for one in tried if language in (one.case.language, ALL)]
            if part:
                yield measured(name, language, part)


def _tried(model: Scoring, name: str, found: Sequence[tuple[Case, Judged]], seed: int, share: float) -> list[Tried]:
    """Every case the attack has a meaning for and that it changes."""
    pairs = [pair for pair in found if pair[0].language not in NOT_IN.get(name, ())]
    texts = [attack(name, case.text, f"{seed} {case.id}", share) for case, _ in pairs]
    after = judge_texts(model, texts)
    return [
        Tried(case, before, said)
        for (case, before), text, said in zip(pairs, texts, after, strict=True)
        if text != case.text
    ]


def measured(name: str, language: str, tried: Sequence[Tried]) -> Line:
    """One line from the cases tried (one at least, all of them toxic before)."""
    return Line(
        attack=name,
        language=language,
        before=sum(one.before.score for one in tried) / len(tried),
        after=sum(one.after.score for one in tried) / len(tried),
        drop_interval=mean_interval([one.before.score - one.after.score for one in tried], f"{name} {language}"),
        lost=counted(not one.after.toxic for one in tried),
        nudges_lost=counted(not one.after.nudged for one in tried if one.before.nudged),
    )


def as_table(lines: Sequence[Line]) -> str:
    """The evasion table as Markdown."""
    return markdown(
        ["attack", "language", "cases", "before", "after", "drop (95 %)", "verdicts lost (95 %)", "nudges lost"],
        [
            [
                line.attack,
                line.language,
                f"{line.lost.total}",
                f"{line.before:.3f}",
                f"{line.after:.3f}",
                f"{line.drop:+.3f}{spanned(*line.drop_interval, '+.3f')}",
                f"{line.lost.share:.2f} ({line.lost.interval[0]:.2f}–{line.lost.interval[1]:.2f})",
                f"{line.nudges_lost.hits}/{line.nudges_lost.total}",
            ]
            for line in lines
        ],
    )


if __name__ == "__main__":
    main()
