"""Makes keys, and signs model folders with them. Called by ``mahlan models keygen`` and ``sign``; no service does.

What is signed and how it is compared is in ``signature.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mahlan.errors import ModelError
from mahlan.scoring.folder import cover, read_files
from mahlan.scoring.manifest import FILE, parse_manifest
from mahlan.scoring.signature import INSTALL, SIGNATURE, Signed, library


def make_key(path: Path) -> bytes:
    """Write a new private key to ``path``, which must not be there yet; return its public key, 32 bytes.

    Only its owner may read the file. Raises ``ModelError``.
    """
    key = _library().Ed25519PrivateKey.generate()
    from cryptography.hazmat.primitives import serialization

    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError:
        raise ModelError(f"{path} is there already: a key is never overwritten; name another file") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be written: {error.strerror}") from None
    return bytes(key.public_key().public_bytes_raw())


def sign_folder(folder: Path, key_file: Path) -> Signed:
    """Sign the folder's manifest with the private key in ``key_file`` and write the signature beside it.

    Each file must be the one the manifest names. Raises ``ModelError`` that names the fix.
    """
    key = _read_key(key_file)
    manifest = _whole(folder)
    signed = Signed(bytes(key.public_key().public_bytes_raw()), bytes(key.sign(manifest)))
    new = folder / f".{SIGNATURE}.new"
    try:
        new.write_text(signed.line(), encoding="ascii")
        new.replace(folder / SIGNATURE)
    except OSError as error:
        raise ModelError(f"{folder / SIGNATURE} cannot be written: {error.strerror}") from None
    return signed


def _whole(folder: Path) -> bytes:
    """The manifest's bytes, where they cover each file that is served."""
    try:
        data = (folder / FILE).read_bytes()
        manifest = parse_manifest(data.decode())
    except (OSError, UnicodeDecodeError, ModelError) as error:
        raise ModelError(f"{folder / FILE}: {error}") from None
    read_files(folder, manifest)
    cover(folder, manifest)
    return data


def _read_key(path: Path) -> Any:
    """The private key in a PEM file."""
    ed25519 = _library()
    from cryptography.hazmat.primitives import serialization

    fix = f"`mahlan models keygen {path.with_suffix('.new')}` makes one"
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ModelError(f"the key {path} cannot be read: {error.strerror}; {fix}") from None
    except TypeError:
        plain = f"openssl pkey -in {path} -out PLAIN"
        raise ModelError(f"the key {path} has a passphrase: take it off with `{plain}`") from None
    except Exception as error:  # noqa: BLE001  the library has its own exceptions for algorithms it does not know
        raise ModelError(f"{path} holds no private key in PEM ({type(error).__name__}); {fix}") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise ModelError(f"the key {path} is not an Ed25519 key; {fix}")
    return key


def _library() -> Any:
    found = library()
    if found is None:
        raise ModelError(f"the library that signs is missing: {INSTALL}")
    return found
