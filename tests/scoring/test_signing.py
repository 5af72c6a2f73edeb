"""Keys that sign models: made once, for their owner, and refused with the fix where they cannot be used."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mahlan.errors import ModelError
from mahlan.scoring.signature import SIGNATURE
from mahlan.scoring.signing import make_key, sign_folder
from tests.scoring.folders import Export

pytest.importorskip("cryptography")  # the extra `signing`

OTHER = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIBgtAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
-----END PRIVATE KEY-----
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Export().write(tmp_path / "words" / "1")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    make_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


def test_a_key_is_for_its_owner_only_and_never_overwritten(key):
    before = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(ModelError, match="a key is never overwritten"):
        make_key(key)
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"cannot be read: No such file.*mahlan models keygen"),
        ("not a key", r"holds no private key in PEM.*mahlan models keygen"),
        (OTHER, r"is not an Ed25519 key; .*mahlan models keygen"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_named_with_the_fix(folder, tmp_path, content, message):
    path = tmp_path / "mine.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelError, match=message) as found:
        sign_folder(folder, path)
    assert str(path) in str(found.value)
    assert not (folder / SIGNATURE).exists()


def test_a_key_with_a_passphrase_says_how_to_take_it_off(folder, key):
    from cryptography.hazmat.primitives import serialization as forms

    private = forms.load_pem_private_key(key.read_bytes(), password=None)
    locked = forms.BestAvailableEncryption(b"secret")
    key.write_bytes(private.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, locked))
    with pytest.raises(ModelError, match=r"has a passphrase.*openssl pkey"):
        sign_folder(folder, key)


def test_a_folder_that_does_not_fit_its_manifest_is_not_signed(folder, key):
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"0")
    with pytest.raises(ModelError, match="sha256 does not match"):
        sign_folder(folder, key)
    assert not (folder / SIGNATURE).exists()
