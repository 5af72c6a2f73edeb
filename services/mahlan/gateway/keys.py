"""API keys: what one is, how it is hashed, and the file that holds them. Used by the gateway and ``mahlan keys``.

A key is ``mhl_<8 public>_<43 secret>``. The file holds an HMAC of it under the deployment's pepper, so that whoever
reads the file cannot use what it says. 256 random bits need no slow hash.
"""

from __future__ import annotations

import hmac
import re
import secrets
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
import orjson
from msgspec import Meta

from mahlan.errors import SettingsError
from mahlan.events.fields import Platform

Scope = Literal["check", "publish", "outcomes", "stream", "erase", "score", "board"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "mhl_"
#: Shorter ones could be tried out.
PEPPER_LEAST = 16

#: What to write where a pattern does not match.
_EXAMPLES = {
    "id": "1a2b3c4d",
    "hash": "64 hex digits",
    "origins": "https://site.example",
    "platform": "site.example",
    "rate": "50/second",
}
_KEY = re.compile(r"mhl_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
_HEAD = """# API keys of mahlan's gateway, written by `mahlan keys`. Values may be edited here; the gateway notices
# within a second. The keys themselves are nowhere: only their hashes under MAHLAN_GATEWAY_PEPPER.
"""

Origin = Annotated[
    str, Meta(pattern=r"^(\*|https?://[^/\s*]+)$", description="scheme://host[:port] of pages that may use it")
]
Rate = Annotated[str, Meta(pattern=r"^[1-9]\d{0,6}/(second|minute|hour|day)$", description="50/second")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the file. Without ``platform`` it speaks for all; without ``origins`` no browser may use it."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}$")]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1)]
    origins: tuple[Origin, ...] = ()
    platform: Platform | None = None
    rate: Rate = "50/second"
    created: Annotated[datetime, Meta(tz=True)] | None = None
    expires: Annotated[datetime, Meta(tz=True)] | None = None
    revoked: Annotated[datetime, Meta(tz=True)] | None = None

    def state(self, now: datetime) -> Literal["active", "expired", "revoked"]:
        """Whether it works."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


def new_secret() -> tuple[str, str]:
    """A new key and its public id."""
    public = secrets.token_hex(4)
    return f"{PREFIX}{public}_{secrets.token_urlsafe(32)}", public


def public_id(key: str) -> str | None:
    """The public part of what claims to be a key; None where it cannot be one."""
    found = _KEY.fullmatch(key)
    return found[1] if found else None


def hashed(key: str, pepper: str) -> str:
    """HMAC-SHA256 of the key under the pepper, as 64 hex digits."""
    return hmac.new(pepper.encode(), key.encode(), "sha256").hexdigest()


def matches(key: str, wanted: str, pepper: str) -> bool:
    """Whether this is the key behind a hash. Takes as long whether or not it is."""
    return hmac.compare_digest(hashed(key, pepper), wanted)


def check_pepper(pepper: str) -> str:
    """The pepper. Raises ``SettingsError`` where it could be guessed."""
    if len(pepper) < PEPPER_LEAST:
        raise SettingsError(
            f"MAHLAN_GATEWAY_PEPPER must have {PEPPER_LEAST} characters or more: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(32))" makes one'
        )
    return pepper


def parse_keys(data: bytes) -> tuple[Key, ...]:
    """The keys of a file. Raises ``SettingsError`` that names the key and the field, and quotes no value."""
    try:
        raw = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise SettingsError("the keys file is not UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the keys file is not valid TOML{_where(str(error))}") from None
    rows = raw.pop("key", [])
    if raw or not isinstance(rows, list):
        raise SettingsError("the keys file holds [[key]] tables and nothing else")
    keys = tuple(_key(number, row) for number, row in enumerate(rows, 1))
    if len({key.id for key in keys}) < len(keys):
        raise SettingsError("the keys file has two keys of the same id: take one out")
    return keys


def _key(number: int, row: Any) -> Key:
    known = [field.name for field in fields(Key)]
    if isinstance(row, dict) and (unknown := sorted(row.keys() - set(known))):
        raise SettingsError(f"the keys file, key {number}: there is no field {unknown[0]}; known: {', '.join(known)}")
    try:
        return msgspec.convert(row, Key)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        if what.startswith("Invalid enum value"):
            what = f"must be one of {', '.join(SCOPES)}"
        field = path.rstrip("`") or "key"
        if "matching regex" in what:
            what = f"must look like {_EXAMPLES[field.partition('[')[0]]}"
        raise SettingsError(f"the keys file, key {number}, {field}: {what.replace('`', '')}") from None


def _where(message: str) -> str:
    found = re.search(r"at line (\d+)", message)
    return f" (line {found[1]})" if found else ""


def write_keys(keys: Iterable[Key]) -> str:
    """The file that ``parse_keys`` reads."""
    return _HEAD + "".join(_table(key) for key in keys)


def _table(key: Key) -> str:
    lines = [f"{field.name} = {_value(value)}" for field in fields(Key) if (value := getattr(key, field.name))]
    return "\n[[key]]\n" + "\n".join(lines) + "\n"


def _value(value: str | datetime | Sequence[str]) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str):
        return _text(value)
    return f"[{', '.join(map(_text, value))}]"


def _text(value: str) -> str:
    # A JSON string is a TOML string, but for the delete character.
    return orjson.dumps(value).decode().replace("\x7f", "\\u007f")
