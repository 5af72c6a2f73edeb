"""``mahlan models keygen`` and ``sign``: from a key to a model that is served only because it was signed."""

from __future__ import annotations

import orjson
import pytest

from tests.cli.word_model import build_models

pytest.importorskip("cryptography")  # the extra `signing`


@pytest.fixture
def run(mahlan, tmp_path):
    models = build_models(tmp_path / "models")

    def run(*arguments: str, stdin: bytes = b"", trusted: str = "") -> tuple[int, list, str]:
        env = {"MAHLAN_MODELS_DIR": str(models), "MAHLAN_SCORER_TRUSTED_KEYS": trusted}
        done = mahlan(*arguments, stdin=stdin, env=env)
        return done.returncode, [orjson.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()

    return run


def test_from_a_key_to_a_model_that_is_served_because_it_was_signed(run, tmp_path):
    key, line = str(tmp_path / "key.pem"), b'{"id": 1, "text": "idiot"}\n'
    _, [made], _ = run("models", "keygen", key)
    public = made["public_key"]
    code, _, said = run("score", stdin=line, trusted=public)
    assert code == 2
    assert "mahlan models sign" in said
    _, [signed], said = run("models", "sign", "words@1", "--key", key)
    assert (signed["public_key"], said) == (public, "")
    code, [scored], _ = run("score", stdin=line, trusted=public)
    assert (code, scored["verdict"]["toxic"]) == (0, True)
    code, [checked], _ = run("models", "check", "words@1", "--seconds", "0", trusted=public)
    assert (code, checked["signature"]) == (0, f"by {public}, trusted")


def test_a_key_that_nobody_trusts_signs_with_a_warning(run, tmp_path):
    trusted = run("models", "keygen", str(tmp_path / "one.pem"))[1][0]["public_key"]
    run("models", "keygen", str(tmp_path / "two.pem"))
    code, _, said = run("models", "sign", "words@1", "--key", str(tmp_path / "two.pem"), trusted=trusted)
    assert code == 0
    assert "not in MAHLAN_SCORER_TRUSTED_KEYS" in said
    code, _, said = run("models", "promote", "words@1", "--reason", "again", trusted=trusted)
    assert code == 1
    assert "cannot be served" in said


def test_a_key_that_is_not_there_says_how_to_make_one(run):
    code, lines, said = run("models", "sign", "words@1", "--key", "nowhere.pem")
    assert (code, lines) == (2, [])
    assert "nowhere.pem cannot be read" in said
    assert "mahlan models keygen" in said
