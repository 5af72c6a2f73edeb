"""The table of public sources that can be converted. One entry says where columns lie and what their values mean.

Read by ``engine.py`` and ``__main__.py``. Names, licences and commits are in ``training/sources.toml``; each label
mapping follows the paper or the README of its source. A label that a source does not say stays unsaid: never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Split = Literal["train", "dev", "test"]
Shape = Literal["csv", "tsv", "json"]
Labels = Mapping[str, int]
OTHER = "*"
"""Stands for every value that a mapping does not name."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source, named as in its repository.

    ``split``: the publisher's own, or a column that holds it (``Source.split_column``), or by hash. ``also`` is a
    second file, of lines ``id,label`` for the first label column. ``says`` are labels of every row of the file.
    """

    path: str
    split: Split | None = None
    also: str = ""
    says: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """A column with a comment. ``says`` are labels that the column itself gives. ``weak``: not from annotators."""

    column: str
    says: Labels = field(default_factory=dict)
    weak: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """How a source is read.

    ``columns``: names where the file has no header line. ``labels``: column -> value -> labels; later columns win.
    ``weak_if``: a column and value that make a row's 0 weak. ``tenth``: a tenth of an official train file becomes dev.
    ``spans``: a column with character offsets of toxic words; rows without any are left out. ``aux``: rows go to aux/.
    """

    name: str
    language: str
    shape: Shape
    files: tuple[File, ...]
    texts: tuple[Text, ...]
    labels: Mapping[str, Mapping[str, Labels]]
    id_column: str = ""
    columns: tuple[str, ...] = ()
    dialect: str = ""
    items: str = ""
    quoted: bool = False
    split_column: str = ""
    weak_if: tuple[str, str] | None = None
    tenth: bool = False
    spans: str = ""
    aux: bool = False


CLEAN: Labels = {"toxic": 0, "identity_attack": 0}
ROUGH: Labels = {"toxic": 1, "identity_attack": 0}
HATE: Labels = {"toxic": 1, "identity_attack": 1}
THREAT, NO_THREAT = {"threat": 1}, {"threat": 0}
OLID = "OffensEval2020-Arabic/OLIDv1.0/"
OLID_CLEAN: Labels = {"toxic": 0, "insult": 0, "profanity": 0, "harassment": 0}

SOURCES: tuple[Source, ...] = (
    Source(
        name="osact4_offenseval2020", language="ar", shape="tsv", columns=("text", "off", "hate"),
        files=(File("OSACT4/OSACT2020-sharedTask-train.txt", "train"),
               File("OSACT4/OSACT2020-sharedTask-dev.txt", "dev")),
        texts=(Text("text"),),
        labels={"off": {"OFF": {"toxic": 1}, "NOT_OFF": {"toxic": 0}},
                "hate": {"HS": {"identity_attack": 1}, "NOT_HS": {"identity_attack": 0}}},
    ),
    Source(
        name="olid", language="en", shape="tsv", id_column="id", quoted=True, tenth=True,
        files=(File(f"{OLID}olid-training-v1.0.tsv", "train"),
               File(f"{OLID}testset-levela.tsv", "test", also=f"{OLID}labels-levela.csv")),
        texts=(Text("tweet"),),
        labels={"subtask_a": {"OFF": {"toxic": 1}, "NOT": OLID_CLEAN},
                "subtask_b": {"TIN": {"insult": 1, "harassment": 0},
                              "UNT": {"insult": 0, "profanity": 1, "harassment": 0},
                              "NULL": {}},
                "subtask_c": {"IND": {"harassment": 1}, "GRP": {}, "OTH": {}, "NULL": {}}},
    ),
    Source(
        name="davidson", language="en", shape="csv", id_column="", files=(File("data/labeled_data.csv"),),
        texts=(Text("tweet"),), labels={"class": {"0": HATE, "1": ROUGH, "2": CLEAN}},
    ),
    Source(
        name="lhsab", language="ar", dialect="lev", shape="tsv", files=(File("Dataset/L-HSAB"),),
        texts=(Text("Tweet"),), labels={"Class": {"hate": HATE, "abusive": ROUGH, "normal": CLEAN}},
    ),
    Source(
        name="dziriofn", language="ar", dialect="alg", shape="json", items="annotation", id_column="ID",
        files=(File("final_normal.json", says={"toxic": 0, "profanity": 0}),
               File("final_offensive.json", says={"toxic": 1}),
               File("final_abusive.json", says={"toxic": 1, "profanity": 1})),
        texts=(Text("comment"),), labels={},
    ),
    Source(
        name="omcd_moroccan", language="ar", dialect="mor", shape="csv", tenth=True,
        files=(File("train.csv", "train"), File("test.csv", "test")),
        texts=(Text("comment"),), labels={"off": {"1": {"toxic": 1}, "0": {"toxic": 0}}},
    ),
    Source(
        name="toxic_spans", language="en", shape="csv", spans="spans",
        files=(File("SemEval2021/data/tsd_train.csv", "train"), File("SemEval2021/data/tsd_trial.csv", "dev"),
               File("SemEval2021/data/tsd_test.csv", "test")),
        texts=(Text("text", {"toxic": 1}),), labels={},
    ),
    Source(
        name="edos", language="en", shape="csv", id_column="rewire_id", split_column="split",
        files=(File("data/edos_labelled_aggregated.csv"),), texts=(Text("text"),),
        labels={"label_sexist": {"sexist": HATE, "not sexist": {"toxic": 0}},
                "label_category": {"1. threats, plans to harm and incitement": THREAT, "none": {}, OTHER: NO_THREAT}},
        weak_if=("label_sexist", "not sexist"),
    ),
    Source(
        name="hatemoji_build", language="en", shape="csv", id_column="entry_id",
        files=(File("HatemojiBuild/train.csv", "train"), File("HatemojiBuild/validation.csv", "dev"),
               File("HatemojiBuild/test.csv", "test")),
        texts=(Text("text"),),
        labels={"label_gold": {"1": HATE, "0": CLEAN}, "type": {"threateninglanguage": THREAT, OTHER: NO_THREAT}},
    ),
    Source(
        name="paradetox", language="en", shape="tsv", quoted=True, files=(File("paradetox/paradetox.tsv"),),
        texts=(Text("toxic", {"toxic": 1}),
               Text("neutral1", {"toxic": 0, "profanity": 0}, weak=True, may_be_empty=True)),
        labels={},
    ),
    Source(
        name="arabic_dangerous", language="ar", shape="tsv", aux=True, files=(File("Dangerous_Dataset.tsv"),),
        texts=(Text("Tweet"),), labels={"Label": {"dangerous": {"toxic": 1, **THREAT}, "safe": NO_THREAT}},
    ),
)  # fmt: skip


def find_source(name: str) -> Source:
    """The entry of ``name``. Exits with the names there are."""
    for source in SOURCES:
        if source.name == name:
            return source
    raise SystemExit(f"{name}: no converter; there are {', '.join(one.name for one in SOURCES)}")
