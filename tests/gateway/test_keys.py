"""The file of keys: what is written is read again, and what is wrong is named without being quoted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mahlan.errors import SettingsError
from mahlan.gateway.keys import (
    SCOPES,
    Key,
    check_pepper,
    hashed,
    matches,
    new_secret,
    parse_keys,
    public_id,
    write_keys,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PEPPER = "a pepper for tests"


def key(**fields: object) -> Key:
    given = {"id": "1a2b3c4d", "name": "site", "hash": "0" * 64, "scopes": ("check",), **fields}
    return Key(**given)  # type: ignore[arg-type]


def table(**fields: str) -> bytes:
    lines = {
        "id": '"1a2b3c4d"',
        "name": '"site"',
        "hash": '"' + "0" * 64 + '"',
        "scopes": '["check"]',
        **fields,
    }
    return ("[[key]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())).encode()


def test_what_is_written_is_read_again() -> None:
    keys = (
        key(),
        key(
            id="00000000",
            name='a "name"\\ with \x7f\n everything مهلا',
            scopes=SCOPES,
            origins=("https://site.example", "http://localhost:5173", "*"),
            platform="site.example",
            rate="5/minute",
            created=NOW,
            expires=NOW + timedelta(days=30),
            revoked=NOW,
        ),
    )
    assert parse_keys(write_keys(keys).encode()) == keys
    assert parse_keys(b"") == ()


def test_a_secret_is_long_random_and_found_by_its_public_part() -> None:
    made = [new_secret() for _ in range(200)]
    assert len({secret for secret, _ in made}) == 200
    for secret, public in made:
        assert (len(secret), public_id(secret)) == (56, public)
        assert secret.startswith(f"mhl_{public}_")
    assert public_id("mhl_1a2b3c4d_short") is None
    assert public_id("") is None


def test_a_hash_belongs_to_one_key_and_one_pepper() -> None:
    secret, _ = new_secret()
    assert matches(secret, hashed(secret, PEPPER), PEPPER)
    assert not matches(secret + "A", hashed(secret, PEPPER), PEPPER)
    assert not matches(secret, hashed(secret, PEPPER), PEPPER + "!")
    assert secret not in write_keys([key(hash=hashed(secret, PEPPER))])


@pytest.mark.parametrize("pepper", ["", "x" * 15])
def test_a_pepper_that_could_be_guessed_is_refused(pepper: str) -> None:
    with pytest.raises(SettingsError, match="16 characters or more"):
        check_pepper(pepper)


def test_a_key_is_active_until_it_expires_or_is_revoked() -> None:
    assert key().state(NOW) == "active"
    assert key(expires=NOW).state(NOW) == "expired"
    assert key(expires=NOW + timedelta(seconds=1)).state(NOW) == "active"
    assert key(expires=NOW + timedelta(days=1), revoked=NOW).state(NOW) == "revoked"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff", "not UTF-8"),
        (b"[[key]\nkanarya", "not valid TOML (line 1)"),
        (b"kanarya = 1", "holds [[key]] tables and nothing else"),
        (b"key = 1", "holds [[key]] tables and nothing else"),
        (table(kanarya="1"), "key 1: there is no field kanarya; known: id, name"),
        (table() + table(), "two keys of the same id"),
        (table(id='"kanarya"'), "key 1, id: must look like 1a2b3c4d"),
        (table(hash='"kanarya"'), "key 1, hash: must look like 64 hex digits"),
        (table(scopes='["kanarya"]'), "key 1, scopes[0]: must be one of check, publish"),
        (table(scopes="[]"), "key 1, scopes: Expected `array` of length >= 1".replace("`", "")),
        (table(origins='["kanarya"]'), "key 1, origins[0]: must look like https://site.example"),
        (table(origins='["https://site.example/"]'), "must look like https://site.example"),
        (table(rate='"5"'), "key 1, rate: must look like 50/second"),
        (table(platform='"Kanarya"'), "key 1, platform: must look like site.example"),
        (table(expires="2026-11-29T00:00:00"), "key 1, expires: Expected datetime with a timezone component"),
    ],
)
def test_what_is_wrong_is_named_and_not_quoted(data: bytes, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        parse_keys(data)
    assert says in str(raised.value)
    # A field's name is not a secret; whatever stands behind it may be.
    assert "kanarya" not in str(raised.value).replace("no field kanarya", "").lower()


def test_a_missing_field_is_named() -> None:
    with pytest.raises(SettingsError, match="key 1, key: Object missing required field hash"):
        parse_keys(b'[[key]]\nid = "1a2b3c4d"\nname = "x"\nscopes = ["check"]\n')
