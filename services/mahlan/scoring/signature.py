"""Whether a model folder was signed by somebody who is trusted. Called by ``manifest.py``, before a graph is read.

``manifest.toml.sig`` lies beside the manifest: one line, ``ed25519 PUBLIC-KEY SIGNATURE``, both in base64. It signs the
manifest's bytes, which name the sha256 of every file that is served. ``signing.py`` makes it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.errors import ModelError, SettingsError, UnfitError

SIGNATURE = "manifest.toml.sig"
SETTING = "MAHLAN_SCORER_TRUSTED_KEYS"
REASON = "signature"
NOT_SIGNED = "none"
KEY_BYTES = 32
SIGNATURE_BYTES = 64

Trusted = tuple[bytes, ...]
"""Raw Ed25519 public keys; empty where signatures are not asked for."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What the file says. That ``key`` is in it does not make it a trusted one."""

    key: bytes
    signature: bytes

    def line(self) -> str:
        """The file's only line."""
        return f"ed25519 {shown(self.key)} {base64.b64encode(self.signature).decode()}\n"


def read_trusted(setting: str) -> Trusted:
    """The keys of ``MAHLAN_SCORER_TRUSTED_KEYS``. Raises ``SettingsError`` that says which one is wrong."""
    given = [part.strip() for part in setting.split(",") if part.strip()]
    keys = tuple(_bytes(part, KEY_BYTES) for part in given)
    for number, key in enumerate(keys, start=1):
        if key is None:
            raise SettingsError(
                f"{SETTING}: key {number} of {len(keys)} is not a public key in base64 (44 characters); "
                "`mahlan models keygen` and `mahlan models sign` print one"
            )
    if keys and library() is None:
        raise SettingsError(f"{SETTING} is set, but the library that checks signatures is missing: {INSTALL}")
    return tuple(key for key in keys if key is not None)


def check_signature(folder: Path, manifest: bytes, trusted: Trusted) -> None:
    """Raise ``UnfitError`` (reason ``signature``) unless a trusted key signed exactly these bytes."""
    try:
        signed = read_signature(folder)
    except ModelError as error:
        raise UnfitError(str(error), REASON) from None
    if signed is None:
        raise UnfitError(f"there is no {SIGNATURE}: sign it with `mahlan models sign`, or empty {SETTING}", REASON)
    if signed.key not in trusted:
        raise UnfitError(f"it was signed by the key {shown(signed.key)}, which is not in {SETTING}", REASON)
    if not matches(signed, manifest):
        raise UnfitError("manifest.toml is not what was signed: it was changed afterwards", REASON)


def read_signature(folder: Path) -> Signed | None:
    """What the file beside the manifest says; None where there is none. Raises ``ModelError`` where it says nothing."""
    try:
        words = (folder / SIGNATURE).read_bytes()[:1000].decode(errors="replace").split()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"{SIGNATURE} cannot be read: {error.strerror}") from None
    key = _bytes(words[1], KEY_BYTES) if len(words) == 3 and words[0] == "ed25519" else None
    signature = _bytes(words[2], SIGNATURE_BYTES) if key is not None else None
    if key is None or signature is None:
        raise ModelError(f"{SIGNATURE} is not a signature: sign anew with `mahlan models sign`")
    return Signed(key, signature)


def matches(signed: Signed, manifest: bytes) -> bool:
    """Whether ``signed.key`` signed these bytes. Raises ``ModelError`` where the library is missing."""
    found = library()
    if found is None:
        raise ModelError(f"signatures cannot be compared here: {INSTALL}")
    from cryptography.exceptions import InvalidSignature

    try:
        found.Ed25519PublicKey.from_public_bytes(signed.key).verify(signed.signature, manifest)
    except (InvalidSignature, ValueError):
        return False
    return True


def signature_state(folder: Path, trusted: Trusted) -> str:
    """For people: who signed the folder, and whether that counts here. Never raises."""
    try:
        signed = read_signature(folder)
        if signed is None:
            return NOT_SIGNED
        intact = matches(signed, (folder / "manifest.toml").read_bytes())
    except (ModelError, OSError) as error:
        return str(error)
    if not intact:
        return f"of another manifest than this one, by {shown(signed.key)}"
    if not trusted:
        return f"by {shown(signed.key)}; nobody asks for it: {SETTING} is empty"
    return f"by {shown(signed.key)}, {'trusted' if signed.key in trusted else f'not in {SETTING}'}"


def shown(key: bytes) -> str:
    """A public key as people pass it on."""
    return base64.b64encode(key).decode()


INSTALL = "pip install 'mahlan[signing]'"
"""The fix where the library is missing."""


def library() -> Any:
    """``cryptography``'s Ed25519, or None: only those who ask for signatures need it."""
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        return None
    return ed25519


def _bytes(text: str, length: int) -> bytes | None:
    """What is in base64 here, if it is that long."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == length else None
