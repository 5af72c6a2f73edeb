"""``mahlan models keygen`` and ``sign``: who vouches for a model."""

from __future__ import annotations

from pathlib import Path

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import json_option, note, show_rows


@click.command("keygen", cls=Command, examples=("mahlan models keygen signing.pem",))
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def keygen(file: Path, as_json: bool) -> None:
    """Make a key that signs models: the private one goes into FILE, the public one is shown.

    Keep FILE where you keep secrets and off the machines that serve. The public key is no secret: it goes into
    MAHLAN_SCORER_TRUSTED_KEYS of the scorers, with a comma before the next one while you change keys.
    """
    from mahlan.scoring.signature import shown
    from mahlan.scoring.signing import make_key

    row = {"public_key": shown(make_key(file)), "private_key": str(file)}
    show_rows([row], as_json=as_json, title="a key that signs models")


@click.command("sign", cls=Command, examples=("mahlan models sign fast@2 --key signing.pem",))
@click.argument("model", metavar="NAME@VERSION")
@click.option(
    "--key", metavar="FILE", required=True, type=click.Path(path_type=Path), help="Private key, from `models keygen`."
)
@json_option
def sign(model: str, key: Path, as_json: bool) -> None:
    """Sign the model NAME@VERSION: manifest.toml.sig is written beside its manifest.

    The manifest names the sha256 of each file that is served, so the signature covers them all; they are compared
    first. Sign again after every change of the manifest. Scorers ask for signatures once MAHLAN_SCORER_TRUSTED_KEYS
    names public keys. Of a cascade, sign both models.
    """
    from mahlan.cli.serving import models_folder, trusted_keys
    from mahlan.scoring.registry import find_model
    from mahlan.scoring.signature import SETTING, SIGNATURE, shown
    from mahlan.scoring.signing import sign_folder

    folder = find_model(models_folder(), model)
    signed = sign_folder(folder, key)
    row = {"model": model, "public_key": shown(signed.key), "signature": str(folder / SIGNATURE)}
    show_rows([row], as_json=as_json, title="signed")
    trusted = trusted_keys()
    if trusted and signed.key not in trusted:
        note(f"warning: this key is not in {SETTING}, so scorers with these settings will refuse the model")
