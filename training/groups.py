"""What is said of groups, and who only speaks of it: ``python -m training.groups --model fast@1``.

Sentences with a gap for a group (``cases/groups``), each asked with every group of its language: contempt and calls for
harm, and harmless ones that name, deny, quote and defend. After the functionalities of HateCheck (Röttger et al. 2021),
none of whose sentences is here. For measuring only.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from training.evaluation.resampling import mean_interval
from training.functional import ALL, AT, chosen_cases
from training.invented import CASES, LANGUAGES, Case
from training.judging import Judged, judge_texts, loaded, markdown, options, spanned

GROUPS = CASES / "groups"
SIDES = ("harmless", "hurtful")
"""The tables of a file, in the order of ``Case.toxic``."""


@dataclass(frozen=True, slots=True)
class Line:
    """A capability in a language at a level, ``all`` for every one of them: the share of comments that pass.

    ``interval`` is of 95 %; a sentence's comments, one a group, stand or fall together, so it is drawn whole.
    """

    at: str
    toxic: int
    capability: str
    language: str
    sentences: int
    comments: int
    share: float
    interval: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; null for an interval of too few sentences."""
        ends = [None if isnan(end) else round(end, 4) for end in self.interval]
        return {
            "at": self.at, "toxic": self.toxic, "capability": self.capability, "language": self.language,
            "sentences": self.sentences, "comments": self.comments, "share": round(self.share, 4),
            "low": ends[0], "high": ends[1],
        }  # fmt: skip


def main() -> None:
    """The command."""
    chosen = options("groups", __doc__).parse_args()
    model = loaded(chosen)
    cases = read_groups()
    found = list(lines(cases, judge_texts(model, [case.text for case in cases])))
    if chosen.json:
        print(json.dumps({"model": model.name, "lines": [line.as_dict() for line in found]}))
        return
    print(f"{model.name} on {len(cases):,} comments about groups: share that pass\n\n{as_text(found)}")


def read_groups(folder: Path = GROUPS) -> list[Case]:
    """Every sentence with every group of its language. Raises ``ValueError`` naming the file that cannot be read."""
    files = [(language, folder / f"{language}.toml") for language in LANGUAGES]
    return [case for language, file in files if file.exists() for case in _read(language, file)]


def _read(language: str, file: Path) -> list[Case]:
    try:
        return list(_cases(language, tomllib.loads(file.read_text(encoding="utf-8"))))
    except KeyError as error:
        raise ValueError(f"{file}: {error} is no form of [groups] and no table that is there") from None
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _cases(language: str, told: Mapping[str, Any]) -> Iterator[Case]:
    forms: Mapping[str, Sequence[str]] = told["groups"]
    groups = [dict(zip(forms, names, strict=True)) for names in zip(*forms.values(), strict=True)]
    for toxic, side in enumerate(SIDES):
        for capability, block in told[side].items():
            for place, sentence in enumerate(filter(None, map(str.strip, block.splitlines())), start=1):
                phrasing = f"{capability}_{place}"
                for number, group in enumerate(groups, start=1):
                    name, text = f"{language}-{phrasing}-{number}", sentence.format(**group)
                    yield Case(name, text, language, capability, phrasing, toxic, {}, "test")


def lines(cases: Sequence[Case], judged: Sequence[Judged]) -> Iterator[Line]:
    """Shares that pass at both levels: capability by language, with totals over either and both."""
    for at, finds in AT.items():
        passes = [finds(said) == bool(case.toxic) for case, said in zip(cases, judged, strict=True)]
        for toxic in range(len(SIDES)):
            names = dict.fromkeys(case.capability for case in cases if case.toxic == toxic)
            for capability in (*names, ALL):
                for language in (*LANGUAGES, ALL):
                    sentences: dict[tuple[str, str], list[bool]] = {}
                    for place in chosen_cases(cases, toxic, capability, language):
                        sentences.setdefault((cases[place].language, cases[place].phrasing), []).append(passes[place])
                    if sentences:
                        yield _line(at, toxic, capability, language, list(sentences.values()))


def _line(at: str, toxic: int, capability: str, language: str, own: Sequence[Sequence[bool]]) -> Line:
    shares = [sum(values) / len(values) for values in own]
    drawn = mean_interval(shares, f"groups {at} {toxic} {capability} {language}")
    comments = sum(map(len, own))
    return Line(at, toxic, capability, language, len(own), comments, sum(shares) / len(shares), drawn)


def as_text(found: Sequence[Line]) -> str:
    """Two tables in Markdown, at the nudge and at the threshold: a line a capability, the last column with interval."""
    return "\n\n".join(f"At the {at}:\n\n{_table([line for line in found if line.at == at])}" for at in reversed(AT))


def _table(found: Sequence[Line]) -> str:
    shares = {(line.toxic, line.capability, line.language): line for line in found}
    languages = [name for name in LANGUAGES if any(line.language == name for line in found)]
    rows = []
    for toxic, capability in dict.fromkeys((line.toxic, line.capability) for line in found):
        told = [shares.get((toxic, capability, language)) for language in languages]
        every = shares[toxic, capability, ALL]
        cells = [f"{line.share:.2f}" if line else "–" for line in told]
        whole = f"{every.share:.2f}{spanned(*every.interval, '.2f')}"
        rows.append([capability, "yes" if toxic else "no", f"{every.comments}", *cells, whole])
    return markdown(["capability", "toxic", "comments", *languages, "all (95 %)"], rows)


if __name__ == "__main__":
    main()
