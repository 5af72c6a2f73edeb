"""``mahlan keys``: API keys of the gateway. They are shown once, when they are made; the file holds hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Group
from mahlan.cli.output import emit, is_terminal, json_option, note, show_rows

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mahlan.gateway.keys import Key, Scope

#: As ``mahlan.gateway.keys`` has them, which is imported only when a command runs; a test holds both together.
SCOPES = ("check", "publish", "outcomes", "stream", "erase", "score", "board")

file_option = click.option("--file", "path", metavar="FILE", help="Default: MAHLAN_GATEWAY_KEYS_FILE.")


@click.group("keys", cls=Group, examples=("mahlan keys new --name shop.example --scope check --scope outcomes",))
def command() -> None:
    """Make, list and revoke API keys of the gateway, which notices within a second."""


@command.command("new", examples=("mahlan keys new --name site --scope check --origin https://site.example",))
@click.option("--name", required=True, metavar="TEXT", help="Whose it is.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="May be repeated.")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="Pages that may use it; may be repeated.")
@click.option("--platform", metavar="NAME", help="The one platform that it speaks for. Default: all.")
@click.option("--rate", default="50/second", show_default=True, metavar="N/UNIT", help="Requests: second to day.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires. Default: never.")
@click.option("--once", is_flag=True, help="Make none where a key of that name works already.")
@file_option
@json_option
def new(days: int | None, once: bool, path: str | None, as_json: bool, **fields: Any) -> None:
    """Make a key, and show it: this once, since only its hash is kept.

    MAHLAN_GATEWAY_PEPPER must be set, to the value that the gateway has.
    """
    from datetime import timedelta

    from mahlan.cli.runtime import settings_now
    from mahlan.gateway.keys import check_pepper, hashed, new_secret, parse_keys, write_keys

    pepper = check_pepper(settings_now().gateway_pepper)
    secret, public = new_secret()
    now = _now()
    if once and (fields["name"], "active") in {(key.name, key.state(now)) for key in _read(_file(path))}:
        note(f"there is a key {fields['name']!r} already: its secret was shown when it was made")
        return
    made = _made(
        id=public,
        hash=hashed(secret, pepper),
        created=now,
        expires=now + timedelta(days=days) if days else None,
        **fields,
    )
    parse_keys(write_keys([made]).encode())  # the options, held against the file's own rules
    _changed(path, lambda keys: [*keys, made])
    if as_json or not is_terminal():
        emit({"id": public, "key": secret})
    else:
        note("keep it now: it is not shown again")
        click.echo(secret)


@command.command("list", examples=("mahlan keys list",))
@file_option
@json_option
def list_keys(path: str | None, as_json: bool) -> None:
    """List the keys: whose they are, what they may do, whether they work."""
    now = _now()
    rows = [_row(key, now) for key in _read(_file(path))]
    show_rows(rows, as_json=as_json, title="keys", empty="no keys yet: `mahlan keys new` makes one")


@command.command("revoke", examples=("mahlan keys revoke 1a2b3c4d",))
@click.argument("key_id", metavar="ID")
@file_option
@json_option
def revoke(key_id: str, path: str | None, as_json: bool) -> None:
    """Revoke the key of that ID. It stays in the list."""
    from dataclasses import replace

    from mahlan.errors import SettingsError

    def changed(keys: Sequence[Key]) -> Sequence[Key]:
        if key_id not in {key.id for key in keys}:
            raise SettingsError(f"there is no key {key_id}: `mahlan keys list` shows them")
        return [replace(key, revoked=key.revoked or _now()) if key.id == key_id else key for key in keys]

    found = next(key for key in _changed(path, changed) if key.id == key_id)
    show_rows([_row(found, _now())], as_json=as_json)


def _made(*, scopes: Sequence[Scope], origins: Sequence[str], **fields: Any) -> Key:
    from mahlan.gateway.keys import Key

    return Key(scopes=tuple(dict.fromkeys(scopes)), origins=tuple(dict.fromkeys(origins)), **fields)


def _row(key: Key, now: datetime) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "state": key.state(now),
        "scopes": list(key.scopes),
        "origins": list(key.origins),
        "platform": key.platform,
        "rate": key.rate,
        "created": key.created and key.created.isoformat(timespec="seconds"),
        "expires": key.expires and key.expires.isoformat(timespec="seconds"),
    }


def _file(path: str | None) -> Path:
    from pathlib import Path

    from mahlan.cli.runtime import settings_now
    from mahlan.errors import SettingsError

    given = path or settings_now().gateway_keys_file
    if not given:
        raise SettingsError("which file? Set MAHLAN_GATEWAY_KEYS_FILE, or give --file")
    return Path(given).expanduser()


def _read(file: Path) -> tuple[Key, ...]:
    from mahlan.errors import SettingsError
    from mahlan.gateway.keys import parse_keys

    try:
        return parse_keys(file.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror})") from None


def _changed(path: str | None, change: Callable[[Sequence[Key]], Sequence[Key]]) -> Sequence[Key]:
    """Change the file and return its keys. Two commands at once wait for each other; readers find a whole file."""
    from mahlan.gateway.key_file import replace_keys

    file = _file(path)
    return replace_keys(file, lambda: change(_read(file)))


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC).replace(microsecond=0)
