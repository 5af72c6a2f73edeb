"""Writes the file of keys for ``mahlan keys``: whole or not at all, readable by its owner alone."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mahlan.errors import SettingsError
from mahlan.gateway.keys import Key, write_keys


def replace_keys(path: Path, made: Callable[[], Sequence[Key]]) -> Sequence[Key]:
    """Write the keys that ``made`` gives, which may read the file: nobody else changes it meanwhile.

    Raises ``SettingsError`` where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(path.parent):
            keys = made()
            _put(path, write_keys(keys))
            return keys
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror})") from None


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put(path: Path, text: str) -> None:
    """A temporary file is its owner's alone from the start, and takes the old one's place at once."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".keys-", encoding="utf-8", delete=False) as new:
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    Path(new.name).replace(path)
