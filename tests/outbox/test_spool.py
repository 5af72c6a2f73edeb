"""The file itself: order, bounds, rights, and what becomes of it when it is damaged, locked or of another make."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from mahlan.errors import SettingsError, SpoolError, SpoolFullError
from mahlan.runtime.spool import Spool
from tests.outbox.spooling import MEGABYTE, numbered


def opened(path: Path, max_bytes: int = MEGABYTE) -> Spool:
    spool = Spool(path, max_bytes, clock=lambda: 1_795_435_200.0)
    spool.open()
    return spool


def put(spool: Spool, *numbers: int, **changes: object) -> object:
    records = numbered(*numbers, **changes)
    return spool.commit([lambda one: one.add(records, [f"e-{n}" for n in numbers])])[0]


def names(spool: Spool, most: int = 1000, most_bytes: int = MEGABYTE) -> list[str]:
    (rows,) = spool.commit([lambda one: one.first(most, most_bytes)])
    return [row.event_id for row in rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "spool.db"


def test_records_come_out_as_they_went_in_and_in_order(path):
    spool = opened(path)
    odd = (("ce_id", b"e-7"), ("bytes", b"\xff\x00"), ("ce_id", b"again"), ("empty", b""))
    put(spool, 7, key="مفتاح", value=None, headers=odd, partition=1)
    put(spool, 3, 1, 2, value=b"")
    (rows,) = spool.commit([lambda one: one.first(10, MEGABYTE)])
    assert [row.event_id for row in rows] == ["e-7", "e-3", "e-1", "e-2"]
    assert rows[0].record == numbered(7, key="مفتاح", value=None, headers=odd, partition=1)[0]
    assert rows[1].record == numbered(3, value=b"")[0]
    assert {(row.added_ms, row.attempted_ms) for row in rows} == {(1_795_435_200_000, 0)}


def test_what_is_taken_is_bounded_by_number_and_by_bytes(path):
    spool = opened(path)
    put(spool, *range(10), value=b"x" * 1000)
    assert names(spool, most=3) == ["e-0", "e-1", "e-2"]
    assert names(spool, most_bytes=2_500) == ["e-0", "e-1"]
    assert names(spool, most_bytes=1) == ["e-0"]


def test_marks_stay_until_they_are_taken_back(path):
    spool = opened(path)
    put(spool, 0, 1, 2)
    (rows,) = spool.commit([lambda one: one.first(10, MEGABYTE)])
    spool.commit([lambda one: one.mark(rows[:2])])
    spool.close()
    again = opened(path)
    (marked,) = again.commit([lambda one: one.first(10, MEGABYTE)])
    assert [row.attempted_ms for row in marked] == [1_795_435_200_000, 1_795_435_200_000, 0]
    again.commit([lambda one: one.unmark(marked[:1]), lambda one: one.delete(marked[1:2])])
    (left,) = again.commit([lambda one: one.first(10, MEGABYTE)])
    assert [(row.event_id, row.attempted_ms) for row in left] == [("e-0", 0), ("e-2", 0)]


def test_the_counters_are_right_also_after_a_restart(path):
    spool = opened(path)
    put(spool, 0, 1, 2)
    (rows,) = spool.commit([lambda one: one.first(2, MEGABYTE)])
    spool.commit([lambda one: one.delete(rows)])
    counted = spool.rows, spool.bytes
    assert counted[0] == 1
    spool.close()
    again = opened(path)
    assert (again.rows, again.bytes) == counted


def test_a_full_spool_takes_all_or_nothing_and_what_fits_beside_it(path):
    spool = opened(path, max_bytes=3_000)
    put(spool, 0, value=b"x" * 1000)
    before = spool.bytes
    large, small = numbered(1, 2, value=b"x" * 1000), numbered(3)
    results = spool.commit([lambda one: one.add(large, ["e-1", "e-2"]), lambda one: one.add(small, ["e-3"])])
    assert isinstance(results[0], SpoolFullError)
    assert results[1] is None
    assert names(spool) == ["e-0", "e-3"]
    assert before < spool.bytes < 3_000


def test_only_its_user_may_read_it_and_what_was_sent_leaves_no_trace(path):
    spool = opened(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    put(spool, 0, value=b"canary7391" * 500)
    (rows,) = spool.commit([lambda one: one.first(1, MEGABYTE)])
    spool.commit([lambda one: one.delete(rows)])
    assert spool.rows == spool.bytes == 0
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert sorted(file.name for file in path.parent.iterdir()) == ["spool.db", "spool.db-wal"]
    assert spool.soiled
    spool.sweep()
    assert not spool.soiled
    assert not any(b"canary7391" in file.read_bytes() for file in path.parent.iterdir())


def test_rights_that_were_too_wide_are_made_narrow(path):
    opened(path).close()
    path.chmod(0o644)
    opened(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_another_process_has_is_refused(path, monkeypatch):
    monkeypatch.setattr("mahlan.runtime.spool_file._PATIENCE", 0.05)
    first = opened(path)
    with pytest.raises(SettingsError, match=r"MAHLAN_GATEWAY_SPOOL.*another process"):
        opened(path)
    first.close()
    opened(path)


def test_a_place_that_cannot_be_used_and_a_later_version_are_told(path, tmp_path):
    for place in (tmp_path, tmp_path / "file" / "spool.db"):
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(SettingsError, match="MAHLAN_GATEWAY_SPOOL"):
            opened(place)
    spool = opened(path)
    spool.close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version=9")
    later.close()
    with pytest.raises(SettingsError, match="later version"):
        opened(path)


def scribble(path: Path, at: int, count: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * count)


def cut(path: Path, share: float) -> None:
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * share) // 4096 * 4096 + 100)


DAMAGES = {
    "another file altogether": lambda path: path.write_bytes(b"these are not the bytes you look for" * 1000),
    "its beginning": lambda path: scribble(path, 0, 200),
    "its pages": lambda path: scribble(path, 4096, 20_000),
    "cut off": lambda path: cut(path, 0.4),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_moved_aside_whole_and_a_new_one_begun(path, damage):
    spool = opened(path)
    put(spool, *range(100), value=b"x" * 1000)
    spool.close()
    damage(path)
    held = path.read_bytes()
    again = opened(path)
    assert again.damaged == [len(held)]
    (aside,) = [file for file in path.parent.iterdir() if "damaged" in file.name]
    assert aside.read_bytes() == held
    assert again.rows == again.bytes == 0
    put(again, 200)
    again.close()
    # Started once more it finds nothing wrong: there is no loop of crashes.
    once_more = opened(path)
    assert once_more.damaged == []
    assert names(once_more) == ["e-200"]


class Damage(sqlite3.DatabaseError):
    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


class Failing(sqlite3.OperationalError):
    sqlite_errorcode = sqlite3.SQLITE_IOERR
    sqlite_errorname = "SQLITE_IOERR"


def test_damage_met_while_it_runs_costs_what_was_in_the_file_and_nothing_of_what_comes(path):
    spool = opened(path)
    put(spool, 0, 1)
    (rows,) = spool.commit([lambda one: one.first(10, MEGABYTE)])
    errors = [Damage("malformed")]

    def met(_: Spool) -> None:
        if errors:
            raise errors.pop()

    spool.commit([lambda one: one.add(numbered(5), ["e-5"]), met])
    assert len(spool.damaged) == 1
    assert names(spool) == ["e-5"]
    # Rows of the old file are no rows of the new one, whatever their numbers are.
    spool.commit([lambda one: one.delete(rows), lambda one: one.mark(rows)])
    assert names(spool) == ["e-5"]
    assert spool.rows == 1


def test_a_disk_that_fails_makes_no_change_and_is_told(path):
    spool = opened(path)
    put(spool, 0)

    def fail(_: Spool) -> None:
        raise Failing("disk I/O error")

    before = spool.rows, spool.bytes
    with pytest.raises(SpoolError, match="SQLITE_IOERR"):
        spool.commit([lambda one: one.add(numbered(1), ["e-1"]), fail])
    assert (spool.rows, spool.bytes) == before
    assert names(spool) == ["e-0"]


def test_a_full_disk_is_a_full_spool(path):
    spool = opened(path)
    put(spool, 0)
    assert spool._db is not None
    pages = spool._db.execute("PRAGMA page_count").fetchone()[0]
    spool._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(SpoolFullError, match="make room"):
        put(spool, 1, value=b"x" * 100_000)
    assert names(spool) == ["e-0"]
