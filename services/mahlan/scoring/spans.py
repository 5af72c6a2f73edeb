"""Which words a verdict rests on, for any model. Called by the scorer and the commands, after they have scored.

A model whose graph tells each token's share of the logit (``output.attributions`` in its manifest) is asked for it,
at about the cost of scoring once more. Of any other, each word is left out in turn: as many more texts as there are
words, so only comments that someone may be asked about come here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from mahlan.core.campaign import BANDS
from mahlan.core.highlight import LEAST, Span, Weighed, telling, words
from mahlan.errors import ModelError, RecordError
from mahlan.events.comment import Band, Reading
from mahlan.scoring.cascade import Cascade, Served, parts_of
from mahlan.scoring.model import Model, Reals, Scorable, Scores
from mahlan.scoring.probabilities import combination
from mahlan.scoring.tokenising import Ids

MOST_WORDS = 64
"""Words of a reading that are left out in turn; later ones are never marked."""

E = TypeVar("E", bound=RecordError)
Row = tuple[float, list[Weighed]]
"""A reading's logit and its words."""


def with_spans(
    model: Served, items: Sequence[Scorable], results: Sequence[Scores | E], least: Band = "medium"
) -> list[Scores | E]:
    """``results`` of ``model.score(items)``, with spans where the verdict's band is ``least`` or above.

    Spans are in characters of the original, in order, not overlapping. Where the model cannot say, there are none.
    A cascade's come from the part that decided.
    """
    told = list(results)
    if isinstance(model, Cascade):
        for part in parts_of(model):
            places = [place for place, found in enumerate(results)
                      if isinstance(found, Scores) and model.explainer(found) is part]  # fmt: skip
            own = with_spans(part, [items[place] for place in places], [results[place] for place in places], least)
            for place, found in zip(places, own, strict=True):
                told[place] = found
        return told
    asked = [(place, found) for place, found in enumerate(results) if isinstance(found, Scores) and _is(found, least)]
    if not asked:
        return told
    labels = [found.verdict.label or "" for _, found in asked]
    try:
        spans = _spans(model, [items[place] for place, _ in asked], labels)
    except ModelError:
        return told
    for (place, found), marked in zip(asked, spans, strict=True):
        told[place] = replace(found, spans=marked)
    return told


def _is(found: Scores, least: Band) -> bool:
    return found.verdict.toxic and BANDS.index(found.verdict.band) >= BANDS.index(least)


def _spans(model: Model, items: Sequence[Scorable], labels: Sequence[str]) -> Iterator[tuple[Span, ...]]:
    readings = [model.wanted(item) for item in items]
    texts = [reading.text for own in readings for reading in own]
    if model.manifest.output.attributions:
        rows = iter(_told(model, texts))
    else:
        columns = [model.labels.index(label) for own, label in zip(readings, labels, strict=True) for _ in own]
        rows = iter(left_out(model, texts, columns))
    return (_comment(model, item, [(reading, next(rows)) for reading in own])
            for item, own in zip(items, readings, strict=True))  # fmt: skip


def _comment(model: Model, item: Scorable, rows: Sequence[tuple[Reading, Row]]) -> tuple[Span, ...]:
    """The spans of one comment, its readings taken together as their logits are."""
    if len(rows) > 1:
        how = combination(item.language, model.manifest.readings)
        if how.combine == "max":
            rows = [max(rows, key=lambda row: row[1][0])]
        else:
            rows = [(reading, _scaled(row, how.weights.get(reading.kind, 1.0))) for reading, row in rows]
    return telling([(reading.offsets, weighed) for reading, (_, weighed) in rows])


def _scaled(row: Row, weight: float) -> Row:
    return row[0], [(start, end, share * weight) for start, end, share in row[1]]


def _told(model: Model, texts: Sequence[str]) -> list[Row]:
    """Each text's logit and words, by the shares that the graph gives its tokens."""
    starts = model.tokeniser.starts(texts)
    rows: list[Row] = [(0.0, [])] * len(texts)
    for batch in model.batches(texts):
        logits, shares = model.explain_ids(batch.ids, batch.mask)
        places = batch.rows.tolist()
        own = [texts[place] for place in places]
        if starts is not None:
            shares = _by_character(shares, [starts[place] for place in places], max(map(len, own)))
        for place, logit, weighed in zip(places, logits[:, 0].tolist(), _heavy(own, shares), strict=True):
            rows[place] = (logit, weighed)
    return rows


def _by_character(shares: Reals, starts: Sequence[Ids], longest: int) -> Reals:
    """Shares of tokens as shares of the characters they begin at; those of special tokens are nobody's."""
    found = np.zeros((len(starts), max(longest, 1)), dtype=np.float32)
    for line, own, at in zip(found, shares, starts, strict=True):
        np.add.at(line, at[at >= 0], own[: len(at)][at >= 0])
    return found


def _heavy(texts: Sequence[str], shares: Reals) -> list[list[Weighed]]:
    """The words of each text that may be marked, by the shares of its characters, ``[texts, longest]``.

    Texts are first cut at blanks, all at once: most pieces are light and need not be looked at one by one.
    """
    found: list[list[Weighed]] = [[] for _ in texts]
    read = [text[: shares.shape[1]] for text in texts]
    lengths = np.fromiter(map(len, read), np.int64, len(read))
    ends = lengths.cumsum()
    each = shares[np.arange(shares.shape[1]) < lengths[:, None]].astype(np.float64)
    whole = "".join(read)
    if not whole:
        return found
    borders = _borders(whole, ends - lengths)
    pieces = np.add.reduceat(each, borders[:-1])
    owners = np.searchsorted(ends, borders[:-1], side="right")
    heaviest = np.zeros(len(texts))
    np.maximum.at(heaviest, owners, pieces)
    sums = np.concatenate([[0.0], each.cumsum()])
    # Half of what marks a word: with two readings, the other may bring the rest.
    for piece in np.flatnonzero((pieces > 0.0) & (pieces >= LEAST / 2 * heaviest[owners])).tolist():
        row, begin = int(owners[piece]), int(borders[piece])
        first = int(ends[row] - lengths[row])
        for start, end in words(whole[begin : borders[piece + 1]], begin):
            found[row].append((start - first, end - first, float(sums[end] - sums[start])))
    return found


def _borders(whole: str, firsts: Ids) -> Ids:
    """Where a piece between blanks begins, in texts end to end that begin at ``firsts``; and the end."""
    border = np.ones(len(whole) + 1, dtype=np.bool_)
    border[1:-1] = (np.frombuffer(whole.encode("utf-32-le"), dtype="<u4") == ord(" "))[:-1]
    border[firsts] = True
    return np.flatnonzero(border)


def _read(model: Model, texts: Sequence[str]) -> list[str]:
    """As much of each text as the model reads: what is left out must not let something else in."""
    most = model.manifest.input.max_length
    starts = model.tokeniser.starts(texts)
    if starts is None:
        return [text[:most] for text in texts]
    ends = [text.find(" ", int(own.max())) if len(own) >= most else -1 for text, own in zip(texts, starts, strict=True)]
    return [text if end < 0 else text[:end] for text, end in zip(texts, ends, strict=True)]


def _without(text: str, start: int, end: int) -> str:
    """``text`` without a word and the space before it."""
    return text[: start - (text[start - 1 : start] == " ")] + text[end:]


def left_out(model: Model, texts: Sequence[str], columns: Sequence[int]) -> list[Row]:
    """Each text's logit of its column and its words, by how far that logit falls without each.

    As many more texts as there are words. Trainers ask, too, where a graph learns to tell its words.
    """
    texts = _read(model, texts)
    own_words = [words(text)[:MOST_WORDS] for text in texts]
    variants = [
        variant for text, own in zip(texts, own_words, strict=True)
        for variant in (text, *(_without(text, *span) for span in own))
    ]  # fmt: skip
    logits = model.logits(variants)
    rows: list[Row] = []
    at = 0
    for own, column in zip(own_words, columns, strict=True):
        part = np.nan_to_num(logits[at : at + len(own) + 1, column])
        falls = (part[0] - part[1:]).tolist()
        rows.append((float(part[0]), [(*span, fall) for span, fall in zip(own, falls, strict=True)]))
        at += len(own) + 1
    return rows
