"""``mahlan simulate`` as it is run: a row for each promise, and one line for what cannot be."""

from __future__ import annotations

import json

import pytest


def test_the_command_prints_a_row_for_each_promise(mahlan):
    done = mahlan("simulate", "--runs", "30", "--authors", "3000", "--looks", "20", "--jobs", "1", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [row["about"] for row in rows] == ["interval"] * 4 + ["family", "ratio"]
    assert all(row["kept"] for row in rows)
    assert rows[-1]["experiments"] == 300


def test_a_measure_that_never_has_enough_is_left_out_and_said_so(mahlan):
    size = ("--authors", "1500", "--looks", "3", "--runs", "2", "--jobs", "1")
    done = mahlan("simulate", *size, "--effect", "cancelled=-0.01", "--json")
    measures = {row["measure"] for row in map(json.loads, done.stdout.splitlines()) if row["about"] == "interval"}
    assert "toxic_posted" in measures
    assert "cancelled" not in measures
    assert b"cancelled: no experiment had enough authors" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--effect", "kindness=1"), b"no measure 'kindness'; there are toxic_posted"),
        (("--effect", "volume=less"), b"'less' is no number"),
        (("--effect", "cancelled=0.5"), b"take smaller effects"),
        (("--authors", "100", "--looks", "101"), b"more looks than authors"),
        (("--authors", "100", "--looks", "2", "--runs", "2", "--jobs", "1"), b"take more --authors"),
    ],
)
def test_what_cannot_be_simulated_is_told_in_one_line(mahlan, arguments, told):
    done = mahlan("simulate", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_numpy_it_says_which_extra_is_needed(mahlan, environment, tmp_path):
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError('No module named numpy', name='numpy')", "utf-8")
    done = mahlan("simulate", "--runs", "1", env={"PYTHONPATH": f"{tmp_path}:{environment['PYTHONPATH']}"})
    assert done.returncode == 2
    assert done.stderr.decode().strip().endswith("pip install 'mahlan[scorer]'")
