"""The SQLite file behind a spool: opened privately, checked, swept, and moved aside when it is damaged.

Used by ``runtime/spool.py``. Beside the file lies its write-ahead log (``-wal``) while it is open or after a kill.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from mahlan.errors import SettingsError
from mahlan.runtime.wal import is_log_damaged

UNUSABLE = "MAHLAN_GATEWAY_SPOOL: the file cannot be used"

#: Seconds to wait for a predecessor that still holds the file.
_PATIENCE = 5.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_VERSION = 1
#: Exclusive, and first: a second process with the same file must not send the same records again, and the log needs no
#: memory shared with others, which would be a further file. WAL and FULL: one sync a commit, and what was committed
#: survives a crash of the machine. secure_delete: what was deleted is overwritten with zeros.
_PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
_TABLE = """
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER, key BLOB, value BLOB,
    headers BLOB NOT NULL, size INTEGER NOT NULL, added_ms INTEGER NOT NULL, attempted_ms INTEGER NOT NULL DEFAULT 0
)"""
#: What a lost part of the log may have said of them is unknown: that they were sent, for one.
_DOUBT = "UPDATE records SET attempted_ms = added_ms WHERE attempted_ms = 0"


class DamageError(sqlite3.DatabaseError):
    """The check found damage."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is not what was written, or not ours."""
    return getattr(error, "sqlite_errorcode", None) in _DAMAGED


def log_path(path: Path) -> Path:
    """The write-ahead log of a file."""
    return path.with_name(path.name + "-wal")


def size_of(path: Path) -> int:
    """In bytes; 0 of what is not there."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the file, which is made where there is none and readable to its user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # SQLite gives the log the rights of the file; one that is there already keeps its own.
    for each in (path, log_path(path)):
        with suppress(FileNotFoundError):
            each.chmod(0o600)
    return sqlite3.connect(path, _PATIENCE, isolation_level=None, check_same_thread=False)


def prepare(db: sqlite3.Connection, path: Path, aside: Path) -> int:
    """Take over what an earlier process left, and check it. Raises ``DamageError`` where the file is damaged.

    Where only its log is, the log is copied to ``aside`` and what came before the damage is kept; its bytes, else 0.
    """
    log = _read(log_path(path))
    for pragma in _PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    _, frames, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise DamageError
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version not in {0, _VERSION}:
        raise SettingsError(f"{UNUSABLE}: it was written by a later version of mahlan; send it with that one")
    db.execute(_TABLE)
    damaged = is_log_damaged(log, frames)
    if damaged:
        _write(log_path(aside), log)
        # The first change of all: it begins the log anew, and then nobody could see the damage.
        db.execute(_DOUBT)
    if version != _VERSION:
        db.execute(f"PRAGMA user_version={_VERSION}")
    sweep(db)
    return len(log) if damaged else 0


def sweep(db: sqlite3.Connection) -> None:
    """Write the log into the file and empty it: nothing is left in either of what was deleted."""
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("the log is in use")


def set_aside(path: Path, aside: Path, db: sqlite3.Connection | None) -> int:
    """Move a damaged file away, whole, with its log; its bytes."""
    size = size_of(path) + size_of(log_path(path))
    path.replace(aside)
    if size_of(log_path(path)):
        log_path(path).replace(log_path(aside))
    if db is not None:
        # SQLite does not touch the log of a file that has moved.
        db.close()
    for ending in ("-wal", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return size


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _write(path: Path, data: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(data)
