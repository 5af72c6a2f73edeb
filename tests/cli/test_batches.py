"""``mahlan normalise`` and ``mahlan score`` as processes: order, count, bad lines, long lines, pipes that close."""

from __future__ import annotations

import random
import subprocess
import sys

import orjson
import pytest


def lines_of(rows) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict]:
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def test_score_gives_the_promised_line(mahlan):
    done = mahlan("score", stdin=lines_of([{"id": "a", "text": "you are stupid"}, {"id": 2, "text": "a fine day"}]))
    assert done.returncode == 0, done.stderr
    rude, fine = answers(done)
    assert list(rude) == ["id", "language", "scores", "verdict", "spans", "model"]
    assert rude["id"] == "a"
    assert rude["language"] == "en"
    assert rude["scores"]["toxic"] > 0.9
    assert rude["verdict"] == {"toxic": True, "label": "toxic", "band": "high"}
    assert fine["verdict"] == {"toxic": False, "label": None, "band": "none"}
    assert (rude["spans"], fine["spans"]) == ([[8, 14]], [])


def test_arabizi_is_scored_by_its_arabic_reading(mahlan):
    (row,) = answers(mahlan("score", stdin=lines_of([{"id": 1, "text": "enta 7omar ya 3am"}])))
    assert row["language"] == "arz-Latn"
    assert row["verdict"]["toxic"]


@pytest.mark.parametrize("command", ["normalise", "score"])
def test_order_and_count_over_two_processes(mahlan, command):
    chance = random.Random(7)
    rows = [{"id": number, "text": "word " * chance.randint(0, 40)} for number in range(3000)]
    done = mahlan(command, "--jobs", "2", stdin=lines_of(rows))
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in answers(done)] == list(range(3000))


def test_one_process_and_two_say_the_same(mahlan):
    rows = lines_of(
        {"id": number, "text": f"you {'stupid' if number % 3 else 'fine'} {number}"} for number in range(800)
    )
    assert mahlan("score", "--jobs", "1", stdin=rows).stdout == mahlan("score", "--jobs", "2", stdin=rows).stdout


def test_bad_lines_keep_their_place(mahlan):
    stdin = b'{"id": 1, "text": "a"}\n\nnot json\n{"id": "x", "text": null}\n\xff\xfe\n{"id": 2, "text": "b"}'
    for jobs in ("1", "2"):
        done = mahlan("normalise", "--jobs", jobs, stdin=stdin)
        assert done.returncode == 1
        rows = answers(done)
        assert [row.get("id", row.get("line")) for row in rows] == [1, 2, 3, "x", 5, 2]
        assert ["error" in row for row in rows] == [False, True, True, True, True, False]


def test_a_line_of_a_megabyte_is_read_on_its_window(mahlan):
    done = mahlan("score", stdin=lines_of([{"id": 1, "text": "a fine day " * 100_000}, {"id": 2, "text": "ok"}]))
    long, short = answers(done)
    assert long["truncated"] is True
    assert "truncated" not in short
    assert done.returncode == 0


def test_nothing_in_nothing_out(mahlan):
    done = mahlan("normalise", stdin=b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_normalise_offsets_lead_back(mahlan):
    (row,) = answers(mahlan("normalise", stdin=lines_of([{"id": 1, "text": "غبــــي #فكر_قبل_ما_تنشر"}])))
    reading = row["readings"][0]
    assert sum(reading["offsets"][1::2]) == row["length"]
    assert sum(reading["offsets"][::2]) == len(reading["text"])
    assert row["hashtags"]


def test_a_reader_that_leaves_is_no_error_to_talk_about(environment, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines_of({"id": number, "text": "hello"} for number in range(20_000)))
    with path.open("rb") as source:
        process = subprocess.Popen(
            [sys.executable, "-m", "mahlan", "normalise"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        assert process.stdout.readline().startswith(b'{"id":0,')
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(60) == 1


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")])
def test_a_slow_writer_is_answered_before_it_closes(environment, jobs):
    process = subprocess.Popen(
        [sys.executable, "-m", "mahlan", "score", *jobs], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    for number in range(3):
        process.stdin.write(orjson.dumps({"id": number, "text": "hello"}) + b"\n")
        process.stdin.flush()
        assert orjson.loads(process.stdout.readline())["id"] == number
    process.stdin.close()
    assert process.stdout.read() == b""
    process.stdout.close()
    assert process.wait(60) == 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_model_that_is_not_there_is_one_line(mahlan, jobs, tmp_path):
    done = mahlan("score", "--jobs", jobs, "--model", "wrods@1", stdin=lines_of([{"id": 1, "text": "a"}]))
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert "words@1" in line


def test_a_worker_that_cannot_load_the_model_says_so(mahlan, models, tmp_path):
    import shutil

    broken = tmp_path / "models"
    shutil.copytree(models, broken)
    (broken / "words" / "1" / "model.onnx").write_bytes(b"not a graph")
    for jobs in ("1", "2"):
        done = mahlan(
            "score", "--jobs", jobs, stdin=lines_of([{"id": 1, "text": "a"}]), env={"MAHLAN_MODELS_DIR": str(broken)}
        )
        assert done.returncode == 2
        assert b"sha256" in done.stderr
        assert b"Traceback" not in done.stderr
