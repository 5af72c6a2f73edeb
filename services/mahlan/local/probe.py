"""Ports of this machine: is one free, is one taken, does a Kafka broker answer there. Called by ``local/``."""

from __future__ import annotations

import socket
import struct

_METADATA = 3
_VERSION = 1


_given: set[int] = set()
"""Ports that were given away, and whose new owners may not listen yet."""
_TRIES = 1000


def free_port() -> int:
    """A port nobody listens on now, and none that this process was given before, as long as there are others.

    A machine with many closed connections may have a few hundred left: two in a row are then easily the same.
    """
    port = _unused_port()
    for _ in range(_TRIES):
        if port not in _given:
            break
        port = _unused_port()
    _given.add(port)
    return port


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def knows_brokers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a broker there answers and has itself joined its cluster.

    Kafka accepts connections a little before it counts as alive, so one Metadata request (version 1, no topics) is
    sent by hand: header, then an empty array; the answer begins with its length, our number, and the broker count.
    """
    name = b"mahlan-probe"
    body = struct.pack(f">hhih{len(name)}si", _METADATA, _VERSION, 7, len(name), name, 0)
    try:
        with socket.create_connection((host, port), timeout=2.0) as link, link.makefile("rb") as answer:
            link.sendall(struct.pack(">i", len(body)) + body)
            head = answer.read(12)
    except OSError:
        return False
    return len(head) == 12 and struct.unpack(">iii", head)[2] > 0
