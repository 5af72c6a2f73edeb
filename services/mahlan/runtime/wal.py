"""What SQLite's write-ahead log tells of itself. Asked by ``runtime/spool_file.py`` when it opens a file.

SQLite reads the log up to the first frame that is not as it was written and is silent about what comes after. After a
kill or a crash that is one unfinished transaction, which nobody was promised; more than that is damage.
The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_HEADER = struct.Struct(">8I")
#: Page, pages of the file after a commit (0 inside a transaction), the salts of the log's header, checksum.
_FRAME = struct.Struct(">6I")
#: The last bit tells the byte order of the checksums.
_MAGIC = 0x377F0682
_WORD = 0xFFFFFFFF


def is_log_damaged(log: bytes, read: int) -> bool:
    """Whether a log of which SQLite read so many frames once held more than one transaction beyond them."""
    if len(log) <= _HEADER.size:
        return False
    if not _is_header_whole(log):
        # The header is synced before a frame is written.
        return True
    return sum(_commits(log, read)) > 1


def _is_header_whole(log: bytes) -> bool:
    magic, *_, first, second = _HEADER.unpack_from(log)
    if magic & ~1 != _MAGIC:
        return False
    words = struct.unpack_from((">" if magic & 1 else "<") + "6I", log)
    one = two = 0
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & _WORD
        two = (two + odd + one) & _WORD
    return (one, two) == (first, second)


def _commits(log: bytes, read: int) -> Iterator[bool]:
    """Of each frame beyond those read that belongs to this log and not to the one before: whether it ended one."""
    _, _, page, _, *salts, _, _ = _HEADER.unpack_from(log)
    size = _FRAME.size + page
    for at in range(_HEADER.size + max(0, read) * size, len(log) - _FRAME.size + 1, size):
        _, pages, *salt, _, _ = _FRAME.unpack_from(log, at)
        yield salt == salts and pages > 0
