"""Converters: each shape of file, with invented rows; bad rows told; the same bytes each time; nothing overwritten."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from training.convert.__main__ import main
from training.convert.clean import cleaned, folded, language_of
from training.convert.sources import SOURCES


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(tmp_path: Path, source: str, *more: str) -> dict[str, dict[str, Any]]:
    """Rows of every split by text."""
    main([source, "--from", str(tmp_path / "in"), "--data", str(tmp_path / "out"), *more])
    files = (tmp_path / "out").rglob("*.jsonl")
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return {row["text"]: row for row in rows}


def said(row: dict[str, Any]) -> tuple[Any, dict[str, int]]:
    return row.get("toxic"), row["labels"]


def test_tabs_without_a_header(tmp_path: Path) -> None:
    put(tmp_path / "in", "OSACT4/OSACT2020-sharedTask-train.txt",
        'صباح الخير<LF>يا "ناس\tNOT_OFF\tNOT_HS\nانت سخيف\tOFF\tNOT_HS\n')  # fmt: skip
    put(tmp_path / "in", "OSACT4/OSACT2020-sharedTask-dev.txt", "ناس وحشة\tOFF\tHS\n")
    rows = run(tmp_path, "osact4_offenseval2020")
    assert said(rows['صباح الخير\nيا "ناس']) == (0, {"identity_attack": 0})
    assert said(rows["انت سخيف"]) == (1, {"identity_attack": 0})
    assert (rows["ناس وحشة"]["split"], said(rows["ناس وحشة"])) == ("dev", (1, {"identity_attack": 1}))


def test_levels_and_labels_in_a_second_file(tmp_path: Path) -> None:
    base = "OffensEval2020-Arabic/OLIDv1.0/"
    put(tmp_path / "in", f"{base}olid-training-v1.0.tsv",
        "id\ttweet\tsubtask_a\tsubtask_b\tsubtask_c\n"
        "1\tnice day\tNOT\tNULL\tNULL\n2\tyou goose\tOFF\tTIN\tIND\n3\tthose geese\tOFF\tTIN\tGRP\n"
        '4\t"darn ""this"""\tOFF\tUNT\tNULL\n')  # fmt: skip
    put(tmp_path / "in", f"{base}testset-levela.tsv", "id\ttweet\n9\ta test\n")
    put(tmp_path / "in", f"{base}labels-levela.csv", "9,OFF\n")
    rows = run(tmp_path, "olid")
    assert said(rows["nice day"]) == (0, {"harassment": 0, "insult": 0, "profanity": 0})
    assert said(rows["you goose"]) == (1, {"harassment": 1, "insult": 1})
    assert said(rows["those geese"]) == (1, {"harassment": 0, "insult": 1})
    assert said(rows['darn "this"']) == (1, {"harassment": 0, "insult": 0, "profanity": 1})
    assert (rows["a test"]["split"], said(rows["a test"])) == ("test", (1, {}))


def test_a_file_by_itself_and_commas_and_lines_inside(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(',class,tweet\n0,2,"one, two\nthree"\n1,1,rude thing\n2,0,rude &amp; hateful\n', encoding="utf-8")
    main(["davidson", "--from", str(file), "--data", str(tmp_path / "out")])
    lines = [line for path in (tmp_path / "out").rglob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    rows = {row["text"]: said(row) for row in map(json.loads, lines)}
    assert rows == {
        "one, two\nthree": (0, {"identity_attack": 0}),
        "rude thing": (1, {"identity_attack": 0}),
        "rude & hateful": (1, {"identity_attack": 1}),
    }


def test_json_files_that_are_the_label(tmp_path: Path) -> None:
    for name, text in (("normal", "خويا مليح"), ("offensive", "nta bghel"), ("abusive", "كلام خايب")):
        item = {"annotation": [{"ID": 1, "comment": text}]}
        put(tmp_path / "in", f"final_{name}.json", json.dumps(item))
    rows = run(tmp_path, "dziriofn")
    assert said(rows["خويا مليح"]) == (0, {"profanity": 0})
    assert said(rows["nta bghel"]) == (1, {})
    assert said(rows["كلام خايب"]) == (1, {"profanity": 1})
    assert (rows["nta bghel"]["lang"], rows["كلام خايب"]["lang"]) == ("arabizi", "ar")


def test_offsets_become_words_of_the_cleaned_text(tmp_path: Path) -> None:
    put(tmp_path / "in", "tsd_train.csv", 'spans,text\n"[4, 5, 6, 7, 11, 12, 13, 14]",@ab dumb & rude\n[],all fine\n')
    put(tmp_path / "in", "tsd_trial.csv", 'spans,text\n"[0, 1]",no thanks\n')
    put(tmp_path / "in", "tsd_test.csv", "spans,text\n[],unmarked test\n")
    rows = run(tmp_path, "toxic_spans")
    assert rows["@USER dumb & rude"]["toxic_words"] == ["dumb", "rude"]
    assert sorted(rows) == ["@USER dumb & rude", "no thanks", "unmarked test"]


def test_a_split_column_and_weak_zeros_with_a_veto(tmp_path: Path) -> None:
    put(tmp_path / "in", "edos_labelled_aggregated.csv",
        "rewire_id,text,label_sexist,label_category,split\na,fine words,not sexist,none,train\n"
        "b,silly words,not sexist,none,train\nc,she cannot,sexist,2. derogation,dev\n"
        'd,i will,sexist,"1. threats, plans to harm and incitement",test\n')  # fmt: skip
    put(tmp_path, "veto.txt", "silly\n")
    rows = run(tmp_path, "edos", "--veto", str(tmp_path / "veto.txt"))
    assert sorted(rows) == ["fine words", "i will", "she cannot"]
    assert rows["fine words"]["weak"]
    assert said(rows["fine words"]) == (0, {})
    assert "weak" not in rows["she cannot"]
    assert said(rows["she cannot"]) == (1, {"identity_attack": 1, "threat": 0})
    assert (rows["i will"]["split"], rows["i will"]["labels"]["threat"]) == ("test", 1)


def test_pairs_stay_together_and_a_pair_may_be_half(tmp_path: Path) -> None:
    lines = "".join(f"rude number {word}\tkind number {word}\t\n" for word in ("ab", "cd", "ef", "gh", "ij", "kl"))
    put(tmp_path / "in", "paradetox.tsv", f"toxic\tneutral1\tneutral2\n{lines}rude alone\t\t\n")
    rows = run(tmp_path, "paradetox")
    assert len(rows) == 13
    assert rows["kind number ab"]["weak"]
    assert said(rows["kind number ab"]) == (0, {"profanity": 0})
    for word in ("ab", "cd", "ef", "gh", "ij", "kl"):
        assert rows[f"rude number {word}"]["split"] == rows[f"kind number {word}"]["split"]


def test_rows_without_toxic_go_to_aux(tmp_path: Path) -> None:
    put(tmp_path / "in", "Dangerous_Dataset.tsv", "Tweet\tLabel\n<USER> احذر\tdangerous\nيوم جميل\tsafe\n")
    rows = run(tmp_path, "arabic_dangerous")
    assert said(rows["@USER احذر"]) == (1, {"threat": 1})
    assert said(rows["يوم جميل"]) == (None, {"threat": 0})
    assert {path.parent.name for path in (tmp_path / "out").rglob("*.jsonl")} == {"aux"}


def test_one_emoji_apart_is_no_repeat_but_the_same_text_is(tmp_path: Path) -> None:
    head = "entry_id,text,type,label_gold\n"
    put(tmp_path / "in", "train.csv", f"{head}1,they are 🐀,none,1\n2,they are 🌷,none,0\n3,They ARE 🌷!,none,0\n")
    put(tmp_path / "in", "validation.csv", f"{head}4,go now,none,0\n5,GO now,threateninglanguage,1\n")
    put(tmp_path / "in", "test.csv", f"{head}6,last one,none,0\n")
    rows = run(tmp_path, "hatemoji_build")
    assert sorted(rows) == ["last one", "they are 🌷", "they are 🐀"]


BAD = "Tweet\tClass\n" + "".join(f"نص رقم {'ابتثجحخدذرزسشصضطظعغ'[n]}{n}\tnormal\n" for n in range(19)) * 2


def test_a_bad_row_is_told_by_place_and_field_without_its_text(tmp_path: Path, capsys: Any) -> None:
    put(tmp_path / "in", "L-HSAB", BAD + "سر خاص\tسر اخر\n")
    rows = run(tmp_path, "lhsab")
    told = capsys.readouterr()
    assert "L-HSAB, line 40: Class: not one of hate, abusive, normal" in told.err
    assert "39 read, 1 bad; left out: 19 repeat" in told.out
    assert "سر" not in told.err + told.out
    assert len(rows) == 19


def test_many_bad_rows_write_nothing(tmp_path: Path) -> None:
    put(tmp_path / "in", "L-HSAB", BAD + "نص\n" * 9)
    with pytest.raises(SystemExit, match="9 of 47 rows cannot be read"):
        run(tmp_path, "lhsab")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("text", "why"), [("a\tb\n", "no column Tweet"), ("", "no column Tweet")])
def test_another_file_is_refused(tmp_path: Path, text: str, why: str) -> None:
    put(tmp_path / "in", "L-HSAB", text)
    with pytest.raises(SystemExit, match=why):
        run(tmp_path, "lhsab")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    put(tmp_path / "in", "train.csv", ",comment,off\n1,a,1\n")
    with pytest.raises(SystemExit, match=r"no test\.csv there"):
        run(tmp_path, "omcd_moroccan")


def test_the_same_bytes_again_and_only_with_leave(tmp_path: Path) -> None:
    put(tmp_path / "in", "L-HSAB", BAD)
    run(tmp_path, "lhsab")
    first = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.jsonl")}
    with pytest.raises(SystemExit, match="--force"):
        run(tmp_path, "lhsab")
    run(tmp_path, "lhsab", "--force")
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.jsonl")} == first


def test_a_packed_file_of_the_source_counts_as_there(tmp_path: Path) -> None:
    put(tmp_path / "in", "L-HSAB", BAD)
    put(tmp_path / "out", "train/lhsab.jsonl.gz", "old")
    with pytest.raises(SystemExit, match=r"lhsab\.jsonl\.gz is there"):
        run(tmp_path, "lhsab")
    run(tmp_path, "lhsab", "--force")
    assert not (tmp_path / "out/train/lhsab.jsonl.gz").exists()


@pytest.mark.parametrize(("raw", "clean"), [
    ("RT @some_one: see https://a.example/x?y=1 now", "RT @USER: see URL now"),
    ("mail me.too@mail.example or +20 100 123 4567", "mail EMAIL or NUM"),
    ("[USER] &amp; <USER>  in 2020 at 12345678", "@USER & @USER in 2020 at 12345678"),
    ("@USER said", "@USER said"),
])  # fmt: skip
def test_personal_data_is_replaced(raw: str, clean: str) -> None:
    assert cleaned(raw) == clean


def test_folding_and_language() -> None:
    assert folded("أهلاً   YOUU!!") == folded("اهلا you 🙂 @USER") == "اهلاyou"
    assert [language_of(text, "ar") for text in ("صباح الخير URL", "sbah lkhir", "صباح good")] == [
        "ar",
        "arabizi",
        "mixed",
    ]


def test_every_source_has_its_terms_in_one_file() -> None:
    terms = tomllib.loads(Path("training/sources.toml").read_text("utf-8"))
    assert all(terms[source.name]["licence"] and terms[source.name]["commit"] for source in SOURCES)
    assert all(terms[name]["repository"] for name in terms)
    made_here = {"switched", "attacked", "contrast"}
    used = set(tomllib.loads(Path("training/accurate.toml").read_text("utf-8"))["sources"])
    assert used - made_here <= set(terms)


def test_the_list_names_files_and_terms(capsys: Any) -> None:
    main(["--list"])
    told = capsys.readouterr().out
    assert all(source.name in told and source.files[0].path in told for source in SOURCES)
    assert "CC0 1.0" in told
