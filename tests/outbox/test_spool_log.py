"""The write-ahead log beside the file: what is in it after a kill, that it is bounded, and what damage to it costs."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mahlan.errors import SpoolFullError
from tests.outbox.test_spool import MEGABYTE, names, opened, put, scribble

HEADER = 32
FRAME = 24 + 4096


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def killed(path: Path, folder: Path) -> Path:
    """The files as a kill at this moment leaves them, elsewhere."""
    folder.mkdir()
    for file in (path, log_of(path)):
        shutil.copy(file, folder / file.name)
    return folder / path.name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "spool.db"


def test_what_was_added_marked_and_deleted_survives_a_kill(path, tmp_path):
    spool = opened(path)
    put(spool, *range(10), value=b"x" * 2000)
    (rows,) = spool.commit([lambda one: one.first(10, MEGABYTE)])
    spool.commit([lambda one: one.mark(rows[:5])])
    spool.commit([lambda one: one.delete(rows[:2])])
    again = opened(killed(path, tmp_path / "killed"))
    (left,) = again.commit([lambda one: one.first(10, MEGABYTE)])
    assert [row.event_id for row in left] == [f"e-{n}" for n in range(2, 10)]
    assert [row.attempted_ms > 0 for row in left] == [True] * 3 + [False] * 5
    assert (again.rows, again.bytes) == (spool.rows, spool.bytes)
    assert again.damaged == []


def test_what_was_sent_before_a_kill_is_swept_away_at_the_start(path, tmp_path):
    spool = opened(path)
    put(spool, 0, value=b"canary7391" * 500)
    put(spool, 1)
    (rows,) = spool.commit([lambda one: one.first(1, MEGABYTE)])
    spool.commit([lambda one: one.delete(rows)])
    left = killed(path, tmp_path / "killed")
    assert b"canary7391" in log_of(left).read_bytes()
    again = opened(left)
    assert names(again) == ["e-1"]
    assert not any(b"canary7391" in file.read_bytes() for file in left.parent.iterdir())


@pytest.mark.parametrize("kept", [0, HEADER // 2, HEADER + 100, HEADER + 2 * FRAME + 100])
def test_a_transaction_that_a_crash_tore_is_as_if_it_had_not_been_begun(path, tmp_path, kept):
    spool = opened(path)
    put(spool, 0)
    spool.sweep()
    put(spool, 1, value=b"x" * 20_000)
    torn = killed(path, tmp_path / "killed")
    with log_of(torn).open("r+b") as file:
        file.truncate(kept)
    again = opened(torn)
    assert again.damaged == []
    assert names(again) == ["e-0"]


def test_a_transaction_written_out_of_order_when_the_power_failed_is_no_damage(path, tmp_path):
    spool = opened(path)
    put(spool, 0)
    spool.sweep()
    put(spool, 1, value=b"x" * 20_000)
    torn = killed(path, tmp_path / "killed")
    scribble(log_of(torn), HEADER + FRAME, 24)
    again = opened(torn)
    assert again.damaged == []
    assert names(again) == ["e-0"]


def test_the_rights_of_a_log_that_was_left_are_made_narrow_before_it_is_read(path, tmp_path):
    spool = opened(path)
    put(spool, 0)
    left = killed(path, tmp_path / "killed")
    log_of(left).chmod(0o644)
    opened(left)
    assert [stat.S_IMODE(file.stat().st_mode) for file in left.parent.iterdir()] == [0o600] * 2


DAMAGES: dict[str, Callable[[Path], None]] = {
    "its header": lambda path: scribble(log_of(path), 0, 8),
    "the checksum of its header": lambda path: scribble(log_of(path), 24, 8),
    "its first frame": lambda path: scribble(log_of(path), HEADER + 100, 500),
    "a frame in the middle": lambda path: scribble(log_of(path), HEADER + 6 * FRAME + 8, 20),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_log_is_told_kept_aside_and_costs_what_came_after(path, tmp_path, damage):
    spool = opened(path)
    put(spool, 0, 1)
    spool.sweep()
    for number in range(2, 12):
        put(spool, number)
    left = killed(path, tmp_path / "killed")
    damage(left)
    held = log_of(left).read_bytes()
    again = opened(left)
    assert again.damaged == [len(held)]
    (aside,) = [file for file in left.parent.iterdir() if "damaged" in file.name]
    assert aside.read_bytes() == held
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    # What was before it is here still. It may have been sent, for all we know: the log of Kafka must be asked.
    (rows,) = again.commit([lambda one: one.first(100, MEGABYTE)])
    found = [row.event_id for row in rows]
    assert found == [f"e-{n}" for n in range(len(found))]
    assert 2 <= len(found) < 12
    assert all(row.attempted_ms for row in rows)
    put(again, 50)
    again.close()
    once_more = opened(left)
    assert once_more.damaged == []
    assert names(once_more) == [*found, "e-50"]


def test_a_damaged_file_takes_its_log_with_it(path, tmp_path):
    spool = opened(path)
    put(spool, *range(100), value=b"x" * 1000)
    spool.sweep()
    put(spool, 100)
    left = killed(path, tmp_path / "killed")
    scribble(left, 4096, 40_000)
    file, log = left.read_bytes(), log_of(left).read_bytes()
    again = opened(left)
    assert again.damaged == [len(file) + len(log)]
    aside = sorted(each for each in left.parent.iterdir() if "damaged" in each.name)
    assert [each.name.endswith("-wal") for each in aside] == [False, True]
    assert aside[1].read_bytes() == log
    put(again, 200)
    assert names(again) == ["e-200"]


def test_the_files_together_stay_within_the_limit_but_for_a_transaction(path):
    spool = opened(path, max_bytes=MEGABYTE)

    def size() -> int:
        return sum(file.stat().st_size for file in path.parent.iterdir())

    largest = number = 0
    while not isinstance(put(spool, number, value=b"x" * 3500), SpoolFullError):
        largest = max(largest, size())
        number += 1
    assert number > 250
    assert largest < 1.25 * MEGABYTE


def test_sent_and_added_again_and_again_the_files_do_not_grow(path):
    spool = opened(path)
    sizes = []
    for _ in range(5):
        put(spool, *range(100), value=b"x" * 1000)
        spool.commit([lambda one: one.delete(one.first(100, MEGABYTE))])
        spool.sweep()
        sizes.append(sum(file.stat().st_size for file in path.parent.iterdir()))
    assert max(sizes) == sizes[0]


def test_a_file_of_the_version_before_with_a_rollback_journal_is_taken_over(path):
    spool = opened(path)
    put(spool, *range(5))
    assert spool._db is not None
    assert spool._db.execute("PRAGMA journal_mode=TRUNCATE").fetchone() == ("truncate",)
    spool.close()
    assert path.read_bytes()[18:20] == b"\x01\x01"
    again = opened(path)
    assert names(again) == [f"e-{n}" for n in range(5)]
    put(again, 5)
    assert sorted(file.name for file in path.parent.iterdir()) == ["spool.db", "spool.db-wal"]
