"""Which addresses a webhook may reach. Without this guard a webhook URL could make us call our own network (SSRF).

A resolver is no place for it: aiohttp asks none for a URL with an address in it. Every connection needs a socket,
and the socket factory is told the address: there nothing gets past.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]

#: Networks that carry an IPv4 address within and that ``is_global`` calls global all the same: NAT64 (RFC 6052 and
#: 8215), 6to4 (RFC 3056), Teredo (RFC 4380), IPv4-compatible (RFC 4291 §2.5.5.1).
_TUNNELS = tuple(IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))


class BlockedAddressError(OSError):
    """The address is not on the public internet. An OSError, so that aiohttp tries the name's next address."""


def is_public(address: str) -> bool:
    """Whether this IP address is a public, single host's: not private, loopback, link-local, multicast or a tunnel."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in tunnel for tunnel in _TUNNELS):
            return False
    return found.is_global and not found.is_multicast


def open_public_socket(info: AddressInfo) -> socket.socket:
    """A socket for a public address; raises ``BlockedAddressError`` for any other."""
    if not is_public(str(info[4][0])):
        raise BlockedAddressError("the address is not public")
    return open_any_socket(info)


def open_any_socket(info: AddressInfo) -> socket.socket:
    """A socket for whatever address it is: tests, and platforms in the same cluster."""
    made = socket.socket(family=info[0], type=info[1], proto=info[2])
    made.setblocking(False)
    return made
