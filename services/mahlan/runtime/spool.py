"""A bounded file of records that wait to be sent: SQLite, one connection, everything durable when ``commit`` returns.

Used by ``runtime/spool_writer.py`` in one thread. A damaged file is moved aside and a new one begun. What was deleted
is in the file's log until the next ``sweep``.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mahlan.errors import SettingsError, SpoolError, SpoolFullError
from mahlan.runtime.broker import Headers, Outgoing
from mahlan.runtime.spool_file import UNUSABLE, connect, is_damage, log_path, prepare, set_aside, size_of, sweep

#: What the rows of a record cost beside its bytes, roughly.
_ROW_BYTES = 128
_ADD = """
INSERT INTO records (event_id, topic, partition, key, value, headers, size, added_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_FIRST = """
SELECT id, event_id, topic, partition, key, value, headers, size, added_ms, attempted_ms
FROM records ORDER BY id LIMIT ?"""

Change = Callable[["Spool"], Any]
_encoder = msgspec.msgpack.Encoder()
_headers: msgspec.msgpack.Decoder[Headers] = msgspec.msgpack.Decoder(Headers)


@dataclass(frozen=True, slots=True)
class Row:
    """One record that waits. Times are milliseconds since 1970.

    ``attempted_ms`` is when it was last about to be sent, 0 for never: from then on it may be in the log already.
    ``file`` tells rows of a file that was moved aside from those of the one in use.
    """

    id: int
    event_id: str
    record: Outgoing
    size: int
    added_ms: int
    attempted_ms: int
    file: int


class Spool:
    """Records in the order they came. All but the counters is for one thread.

    ``max_bytes`` bounds what waits and the log beside it; the files may be a little larger. ``damaged`` holds the size
    in bytes of each file that was moved aside: what of it had not been sent is lost, unless somebody recovers it by
    hand. ``soiled`` tells that something was deleted since the last ``sweep``.
    """

    def __init__(self, path: Path, max_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self.rows = 0
        self.bytes = 0
        self.damaged: list[int] = []
        self.soiled = False
        self._path = path
        self._max_bytes = max_bytes
        self._clock = clock
        self._db: sqlite3.Connection | None = None
        self._log_bytes = 0

    def open(self) -> None:
        """Begin, with what an earlier process left. Raises ``SettingsError`` where the file cannot be used."""
        try:
            try:
                self._connect()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._replace()
        except sqlite3.Error as error:
            raise SettingsError(f"{UNUSABLE} ({error}): another process may have it; choose another") from None
        except OSError as error:
            raise SettingsError(f"{UNUSABLE} ({error.strerror}); choose another") from None

    def commit(self, changes: Sequence[Change]) -> list[Any]:
        """Make all changes, durably and at once; each one's result or ``SpoolFullError``, in order.

        Raises ``SpoolError`` when none was made. Where the file turns out to be damaged, they are made on a new one.
        """
        try:
            try:
                return self._commit(changes)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._replace()
                return self._commit(changes)
        except sqlite3.Error as error:
            raise _told(error) from None
        except OSError as error:
            raise SpoolError(f"the spool cannot be begun anew ({error.strerror}): look at its folder") from None

    def add(self, records: Sequence[Outgoing], event_ids: Sequence[str]) -> None:
        """Append all of them or none. Raises ``SpoolFullError``."""
        now_ms = int(self._clock() * 1000)
        rows = [_flat(record, event_id, now_ms) for record, event_id in zip(records, event_ids, strict=True)]
        size = sum(row[6] for row in rows)
        if self.bytes + size > self._max_bytes:
            raise SpoolFullError(f"the spool holds {self._max_bytes} bytes and is full: Kafka must come back first")
        self._run(_ADD, rows)
        self.rows += len(rows)
        self.bytes += size

    def first(self, most: int, most_bytes: int) -> list[Row]:
        """The oldest rows: up to ``most`` of them and, beyond one, up to ``most_bytes``."""
        assert self._db is not None
        taken: list[Row] = []
        size = 0
        for flat in self._db.execute(_FIRST, (most,)):
            row = self._row(flat)
            size += row.size
            if taken and size > most_bytes:
                break
            taken.append(row)
        return taken

    def mark(self, rows: Sequence[Row]) -> None:
        """Note that these are about to be sent."""
        now_ms = int(self._clock() * 1000)
        self._run("UPDATE records SET attempted_ms = ? WHERE id = ?", [(now_ms, row.id) for row in self._own(rows)])

    def unmark(self, rows: Sequence[Row]) -> None:
        """These are not in the log after all."""
        self._run("UPDATE records SET attempted_ms = 0 WHERE id = ?", [(row.id,) for row in self._own(rows)])

    def delete(self, rows: Sequence[Row]) -> None:
        """These are in the log."""
        own = self._own(rows)
        self._run("DELETE FROM records WHERE id = ?", [(row.id,) for row in own])
        self.rows -= len(own)
        self.bytes -= sum(row.size for row in own)
        self.soiled = True

    def sweep(self) -> None:
        """Leave nothing of what was deleted on the disk. Raises ``SpoolError``."""
        try:
            self._sweep()
        except sqlite3.Error as error:
            raise _told(error) from None

    def close(self) -> None:
        """Let the file go."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _own(self, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if row.file == len(self.damaged)]

    def _run(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        assert self._db is not None
        self._db.executemany(statement, rows)

    def _commit(self, changes: Sequence[Change]) -> list[Any]:
        db = self._db or self._connect()
        if self.bytes + self._log_bytes > self._max_bytes:
            with suppress(sqlite3.Error):
                self._sweep()
        before = self.rows, self.bytes
        db.execute("BEGIN IMMEDIATE")
        try:
            results = [self._made(change) for change in changes]
            db.execute("COMMIT")
        except BaseException:
            self.rows, self.bytes = before
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
        self._log_bytes = size_of(log_path(self._path))
        return results

    def _made(self, change: Change) -> Any:
        try:
            return change(self)
        except SpoolFullError as error:
            return error

    def _sweep(self) -> None:
        if self._db is not None:
            sweep(self._db)
            self.soiled, self._log_bytes = False, 0

    def _connect(self) -> sqlite3.Connection:
        self._db = db = connect(self._path)
        if lost := prepare(db, self._path, self._aside()):
            self.damaged.append(lost)
        self.rows, self.bytes = db.execute("SELECT count(*), coalesce(sum(size), 0) FROM records").fetchone()
        self.soiled, self._log_bytes = False, 0
        return db

    def _aside(self) -> Path:
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        return self._path.with_name(f"{self._path.name}.damaged-{now}-{len(self.damaged)}")

    def _replace(self) -> None:
        """Move a damaged file aside and begin a new one."""
        db, self._db = self._db, None
        self.damaged.append(set_aside(self._path, self._aside(), db))
        self._connect()

    def _row(self, flat: tuple[Any, ...]) -> Row:
        identity, event_id, topic, partition, key, value, headers, size, added_ms, attempted_ms = flat
        record = Outgoing(topic, key, value, _headers.decode(headers), partition)
        return Row(identity, event_id, record, size, added_ms, attempted_ms, len(self.damaged))


def _told(error: sqlite3.Error) -> SpoolError:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return SpoolFullError("the disk of the spool is full: make room")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return SpoolError(f"the spool cannot be written ({name}): look at its disk and its rights")


def _flat(record: Outgoing, event_id: str, now_ms: int) -> tuple[Any, ...]:
    headers = _encoder.encode(record.headers)
    parts = (event_id.encode(), record.topic.encode(), record.key, record.value, headers)
    size = _ROW_BYTES + sum(len(part) for part in parts if part is not None)
    return event_id, record.topic, record.partition, record.key, record.value, headers, size, now_ms
