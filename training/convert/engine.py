"""Turns a source's records into rows of the documented format. Called by ``__main__.py``; writes nothing.

A row that cannot be read is kept as an error with its place and field. A row that is left out on purpose is counted
by reason: nothing goes missing without a number.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.convert.clean import cleaned, folded, language_of, split_by_hash
from training.convert.reading import BadRowError, Record, find_file, read_records
from training.convert.sources import OTHER, Source, Split, Text
from training.progress import shown

Row = dict[str, Any]
TENTHS: tuple[tuple[Split, int], ...] = (("test", 1), ("dev", 2), ("train", 10))
TENTH: tuple[tuple[Split, int], ...] = (("dev", 1), ("train", 10))
LONGEST = 2000
EMOJI = ("So", "Sk")
"""Unicode categories of emoji and of their skin tones."""
SPLITS: tuple[Split, ...] = ("test", "dev", "train")
"""In the order in which a text that two of them hold is kept."""


@dataclass(slots=True)
class Converted:
    """Rows by split, rows that could not be read, and how many were left out for which reason."""

    rows: dict[Split, list[Row]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    bad: list[BadRowError] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    read: int = 0


def convert(source: Source, given: Path, veto: frozenset[str] = frozenset()) -> Converted:
    """Everything that ``given`` holds of ``source``. A weak row with a word of ``veto`` is left out.

    Exits when a file is missing or is not what the table says.
    """
    found = Converted()
    records = list(_records(source, given))
    found.read = len(records)
    for record in shown(records, source.name):
        try:
            if isinstance(record, BadRowError):
                raise record
            for row in rows_of(source, record):
                _take(found, row, veto)
        except BadRowError as error:
            found.bad.append(error)
    _thin(found, source)
    return found


def _records(source: Source, given: Path) -> Iterator[Record | BadRowError]:
    for file in source.files:
        only = len(source.files) == 1
        path = find_file(given, file.path, only)
        labels = find_file(given, file.also, False) if file.also else None
        missing = file.path if path is None else file.also
        if path is None or (file.also and labels is None):
            raise SystemExit(f"{given}: no {missing} there; it is a file of {source.name}, see --list")
        yield from read_records(source, file, path, labels)


def rows_of(source: Source, record: Record) -> Iterator[Row]:
    """The rows that one record makes: one for each text in it. All of them fall in one split.

    Raises:
        BadRowError: a field is missing, empty or holds what the table does not know.
    """
    labels = _labels(source, record)
    split = _split(source, record)
    for number, text in enumerate(source.texts):
        raw = _field(record, text.column) if not text.may_be_empty else record.fields.get(text.column, "")
        plain = cleaned(raw)
        if plain:
            yield _row(source, record, text, number, plain, {**record.file.says, **labels, **text.says}, split)
        elif not text.may_be_empty:
            raise BadRowError(record.where, text.column, "empty")


def _row(
    source: Source, record: Record, text: Text, number: int, plain: str, labels: dict[str, int], split: Split
) -> Row:  # fmt: skip
    toxic = labels.pop("toxic", None)
    stem = Path(record.file.path).stem if len(source.files) > 1 else ""
    own = record.fields.get(source.id_column, "") or str(record.number)
    name = "-".join(part for part in (source.name, stem, own, str(number) if number else "") if part)
    weak = text.weak or (source.weak_if is not None and record.fields.get(source.weak_if[0]) == source.weak_if[1])
    return {
        "id": name,
        "text": plain,
        "lang": language_of(plain, source.language),
        **({"dialect": source.dialect} if source.dialect else {}),
        **({"toxic": toxic} if toxic is not None else {}),
        "labels": dict(sorted(labels.items())),
        "source": source.name,
        "split": split,
        **({"weak": True} if weak else {}),
        **({"toxic_words": _words(source, record, text)} if source.spans else {}),
    }


def _field(record: Record, column: str) -> str:
    if column not in record.fields:
        raise BadRowError(record.where, column, "missing")
    return record.fields[column]


def _labels(source: Source, record: Record) -> dict[str, int]:
    """What the label columns say together. A value the table does not name is an error; it is not repeated here."""
    said: dict[str, int] = {}
    for place, (column, meaning) in enumerate(source.labels.items()):
        if place and record.file.also and column not in record.fields:
            continue
        value = _field(record, column).strip()
        if value not in meaning and OTHER not in meaning:
            raise BadRowError(record.where, column, f"not one of {', '.join(meaning)}")
        said |= meaning.get(value, meaning.get(OTHER, {}))
    return said


def _split(source: Source, record: Record) -> Split:
    text = record.fields.get(source.texts[0].column, "")
    if source.split_column:
        for split in SPLITS:
            if _field(record, source.split_column).strip() == split:
                return split
        raise BadRowError(record.where, source.split_column, f"not one of {', '.join(SPLITS)}")
    if record.file.split == "train" and source.tenth:
        return split_by_hash(cleaned(text), TENTH)
    return record.file.split or split_by_hash(cleaned(text), TENTHS)


def _words(source: Source, record: Record, text: Text) -> list[str]:
    """The marked stretches of the text as its publisher gave it, each cleaned as the text is."""
    raw = _field(record, text.column)
    try:
        offsets = json.loads(_field(record, source.spans))
        marked = sorted({int(one) for one in offsets})
    except (ValueError, TypeError):
        raise BadRowError(record.where, source.spans, "not a list of whole numbers") from None
    if marked and not 0 <= marked[0] <= marked[-1] < len(raw):
        raise BadRowError(record.where, source.spans, f"offsets outside the text, which has {len(raw)} characters")
    words = (cleaned("".join(raw[place] for place in run)) for run in _runs(marked))
    return [word for word in words if word]


def _runs(marked: Iterable[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in marked:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _take(found: Converted, row: Row, veto: frozenset[str]) -> None:
    """Keep the row, or count why not."""
    if len(row["text"]) > LONGEST:
        found.left_out[f"over {LONGEST:,} characters"] += 1
    elif row.get("toxic_words") == [] and row["split"] != "test":
        found.left_out["no words marked"] += 1
    elif row.get("weak") and row.get("toxic") == 0 and veto & set(row["text"].casefold().split()):
        found.left_out["weak row with a word of the veto list"] += 1
    else:
        found.rows[row["split"]].append(row)


def _thin(found: Converted, source: Source) -> None:
    """Of one folded text keep one row: test before dev before train; none where rows disagree on it.

    A publisher's own test part is left as it is; one made by hash here is not.
    """
    official = bool(source.split_column) or any(file.split == "test" for file in source.files)
    thinned = SPLITS[1:] if official else SPLITS
    said = defaultdict(set)
    for split in thinned:
        for row in found.rows[split]:
            said[_key(row)].add(row.get("toxic"))
    seen = {_key(row) for row in found.rows["test"]} if official else set()
    for split in thinned:
        kept = []
        for row in found.rows[split]:
            key = _key(row)
            why = "repeat" if key in seen else "repeated with both labels" if len(said[key]) > 1 else ""
            if why:
                found.left_out[why] += 1
            else:
                kept.append(row)
                seen.add(key)
        found.rows[split] = kept


def _key(row: Row) -> str:
    """The folded text with its emoji: two comments that differ in one emoji may mean opposite things."""
    text = str(row["text"])
    return folded(text) + "".join(letter for letter in text if unicodedata.category(letter) in EMOJI) or text
