"""Rows of the accurate model: unknown labels, licences, invented cases, shortcuts, copies in another dress."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from mahlan.core.normalise import normalise
from mahlan.events.comment import Reading
from training.accurate.augment import augmented, disguised, half_spelled, spelled, tagged
from training.accurate.config import Config, read_config
from training.accurate.examples import (
    Example,
    load_examples,
    made,
    read_cases,
    read_examples,
    without_repeats,
    without_shortcuts,
    write_examples,
)  # fmt: skip
from training.accurate.stages import Run
from training.contrast_cases import read_contrast
from training.invented import CASES
from training.rows import Row

CONFIG = Path("training/accurate.toml")
LABELS = ["toxic", "insult", "identity_attack", "threat", "profanity", "harassment"]


@pytest.fixture
def config() -> Config:
    return read_config(CONFIG)


def example(text: str, toxic: int, source: str = "olid", language: str = "en") -> Example:
    row = Row(source, language, toxic, False, language, (Reading(kind="original", text=text, offsets=()),))
    return Example(row, {"toxic": toxic})


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def test_a_label_that_is_not_said_is_unknown(config: Config) -> None:
    rows = [
        {"text": "you silly goose", "lang": "en", "toxic": 1, "labels": {"insult": 1, "threat": 0}, "source": "olid"},
        {"text": "not for you", "lang": "en", "labels": {"threat": 0}, "source": "arabic_dangerous"},
    ]
    found = made(rows, config, "test")
    assert [one.labels for one in found] == [{"toxic": 1, "insult": 1, "threat": 0}, {"threat": 0}]


def test_weak_rows_and_noisy_sources_are_smoothed(config: Config) -> None:
    rows = [{"text": "hello there", "lang": "en", "toxic": 0, "weak": True, "source": "olid"},
            {"text": "hello again", "lang": "en", "toxic": 0, "source": "olid"}]  # fmt: skip
    weak, plain = made(rows, config, "test")
    assert (weak.smoothing, plain.smoothing) == (config.rows.weak_smoothing, 0.0)


def test_stated_licences_leave_the_others_out(tmp_path: Path, config: Config) -> None:
    for source in ("edos", "osact5"):
        write_rows(tmp_path / "train" / f"{source}.jsonl",
                   [{"text": f"a row of {source}", "lang": "en", "toxic": 0, "source": source}])  # fmt: skip
    assert {one.row.source for one in read_examples(tmp_path, "train", config, "all")} == {"edos", "osact5"}
    assert {one.row.source for one in read_examples(tmp_path, "train", config, "stated")} == {"edos"}


def test_a_source_without_an_entry_stops_the_run(tmp_path: Path, config: Config) -> None:
    write_rows(tmp_path / "train" / "new.jsonl", [{"text": "a", "lang": "en", "toxic": 0, "source": "new"}])
    with pytest.raises(SystemExit, match=r"add \[sources\.new\]"):
        read_examples(tmp_path, "train", config, "all")


def test_auxiliary_rows_are_read_by_their_split(tmp_path: Path, config: Config) -> None:
    write_rows(tmp_path / "train" / "a.jsonl", [{"text": "one", "lang": "en", "toxic": 0, "source": "olid"}])
    for split in ("train", "dev"):
        write_rows(tmp_path / "aux" / f"arabic_dangerous.{split}.jsonl",
                   [{"text": split, "lang": "en", "labels": {"threat": 0}, "source": "arabic_dangerous"}])  # fmt: skip
    texts = [one.row.readings[0].text for one in read_examples(tmp_path, "train", config, "all")]
    assert texts == ["one", "train"]


def test_cases_of_the_test_part_are_never_read_and_phrasings_stay_together(tmp_path: Path, config: Config) -> None:
    cases = [
        {"id": f"{phrasing}-{number}", "text": f"phrase {phrasing} number {number}", "language": "en",
         "capability": "exclusion", "labels": {},
         "phrasing": f"p{phrasing}", "toxic": 1, "part": "test" if phrasing == 3 else "train"}
        for phrasing in range(40) for number in range(3)
    ]  # fmt: skip
    write_rows(tmp_path / "en" / "exclusion.jsonl", cases)
    train, dev = ([one.row.readings[0].text for one in part] for part in read_cases(config, tmp_path))
    assert len(train) + len(dev) == 39 * 3
    assert dev
    assert not {text.split()[1] for text in train} & {text.split()[1] for text in dev}
    assert not any(text.split()[1] == "3" for text in [*train, *dev])


def test_a_frame_for_contrast_is_in_train_or_dev_whatever_stands_in_it(config: Config) -> None:
    few = replace(config, rows=replace(config.rows, contrast=400))
    train, dev = (
        {(one.row.readings[0].text, one.row.toxic) for one in part if one.row.source == "contrast"}
        for part in read_cases(few, CASES)
    )
    frames = {"train": set[str](), "dev": set[str]()}
    for case in read_contrast(400, seed=config.seed):
        key = (normalise(case.text).readings[0].text, case.toxic)
        assert (key in train) != (key in dev)
        frames["dev" if key in dev else "train"].add(case.phrasing)
    assert not frames["train"] & frames["dev"]
    assert {toxic for _, toxic in dev} == {0, 1}
    assert len(dev) > len(train) / 40


def test_one_word_does_not_give_a_source_away() -> None:
    toxic = [example(f"ballon number {n}" if n < 240 else f"other thing {n}", 1) for n in range(300)]
    calm = [example(f"calm number {n}", 0) for n in range(300)]
    kept = without_shortcuts([*toxic, *calm], 0.2, seed=1)
    held = [one for one in kept if one.row.toxic]
    share = sum("ballon" in one.row.readings[0].text for one in held) / len(held)
    assert share == pytest.approx(0.2, abs=0.01)
    assert sum(not one.row.toxic for one in kept) == 300, "words that calm rows hold too give nothing away"


def test_repeats_and_dev_texts_go() -> None:
    kept = without_repeats([example("a", 1), example("a", 0), example("b", 0)], [example("b", 0)])
    assert [(one.row.readings[0].text, one.row.toxic) for one in kept] == [("a", 1)]


def test_examples_come_back_as_written(tmp_path: Path) -> None:
    examples = [example("كلام", 1, language="arz"), example("words", 0)]
    write_examples(tmp_path / "x.jsonl.gz", examples)
    assert load_examples(tmp_path / "x.jsonl.gz") == examples


def test_copies_keep_what_is_known_and_arabizi_has_two_readings(config: Config) -> None:
    texts = ("الكلام ده مش عاجبني خالص", "انت زعلان ليه يا صاحبي", "النهارده الجو جميل اوي", "مش عايز اشوفك هنا تاني")
    given = [example(text, n % 2, language="arz") for n, text in enumerate(texts)]
    wanted = {one.row.readings[0].text: one.labels for one in given}
    found = augmented(given, replace(config.augment, spellings=2, attacked=1.0, switched=0.5), seed=1)
    arabizi = [one for one in found if one.row.source == "spelled_arabizi"]
    assert len(arabizi) == 8
    assert any(len(one.row.readings) == 2 for one in arabizi)
    assert [one.labels for one in arabizi] == list(wanted.values()) * 2
    assert {one.row.source for one in found} == {"spelled_arabizi", "switched", "attacked"}


def test_a_person_keeps_to_their_spelling_and_people_differ() -> None:
    text = "حبيبي صباح الخير يا حلوة"
    assert len({spelled(text, random.Random(seed)) for seed in range(20)}) > 10
    assert half_spelled("كلمة", random.Random(1)) == "كلمة"
    assert any("a" <= letter <= "z" for letter in tagged("كلام جميل", random.Random(1)))


def test_disguised_copies_differ_from_what_was_written_and_short_words_stay() -> None:
    for text in ("the teasing never stops", "كلامك السخيف مايخلصش"):
        assert len({disguised(text, random.Random(seed)) for seed in range(40)} - {text}) > 15
    assert disguised("a b c", random.Random(3)) == "a b c"


def test_the_config_names_the_key_at_fault(tmp_path: Path) -> None:
    text = CONFIG.read_text(encoding="utf-8")
    for wrong, message in (
        (text.replace("\nepochs = ", "\nepoch = ", 1), "fit.epoch: no such key"),
        (text.replace("\nepochs = ", '\nepochs = "3" #', 1), "fit.epochs: must be int"),
        (text.replace("seed = 1\n", ""), "seed is missing"),
    ):
        (tmp_path / "x.toml").write_text(wrong, encoding="utf-8")
        with pytest.raises(SystemExit, match=message):
            read_config(tmp_path / "x.toml")


def test_a_finished_stage_is_not_done_twice_and_one_of_other_inputs_is(tmp_path: Path) -> None:
    done: list[str] = []

    def stage(name: str, of: object, *, resume: bool, fails: bool = False) -> None:
        run = Run(tmp_path, resume, print_line=lambda _: None)

        def make(folder: Path) -> None:
            done.append(f"{name} {(folder / 'checkpoint').exists()}")
            (folder / "checkpoint").touch()
            if fails:
                raise InterruptedError

        run.stage(name, make, of)

    with pytest.raises(InterruptedError):
        stage("fit", 1, resume=True, fails=True)
    stage("fit", 1, resume=True)
    stage("fit", 1, resume=True)
    stage("fit", 2, resume=True)
    stage("fit", 2, resume=False)
    assert done == ["fit False", "fit True", "fit False", "fit False"]
