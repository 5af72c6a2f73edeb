"""The mean of the weights of trainings, so that another goes on from what all have learnt.

``python -m training.accurate.mean ONE=0.7 TWO=0.3 --out MEAN`` writes a folder for ``--base`` or ``--fitted``, from
folders that ``fit`` or ``recover.py`` left, heads and all. It works where all began from one encoder and lie in one
valley of the loss (Wortsman et al. 2022, "Model soups"); measure it on dev before relying on it. Shares are divided by
their sum.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

from training.accurate.network import FACTS, load_network, save_network
from training.accurate.vocabulary import TOKENIZER


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate.mean", description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "parts", nargs="+", type=part, metavar="FOLDER=SHARE", help="a fit/ folder or one of recover.py, its share"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to write, for --base or --fitted")
    options = parser.parse_args()
    try:
        mean(options.parts, options.out)
    except ValueError as wrong:
        raise SystemExit(f"mean: {wrong}") from None
    print(f"wrote {options.out}: python -m training.accurate --base goes on from there, --fitted makes it a model")


def part(said: str) -> tuple[Path, float]:
    """``FOLDER=SHARE`` as a folder and a share above 0. Raises ``argparse.ArgumentTypeError``."""
    folder, _, share = said.rpartition("=")
    try:
        value = float(share)
    except ValueError:
        value = math.nan
    if not folder or not (0 < value < math.inf):
        raise argparse.ArgumentTypeError(f"{said!r}: want FOLDER=SHARE, the share a number above 0")
    if not (Path(folder) / FACTS).exists():
        raise argparse.ArgumentTypeError(
            f"{folder} has no {FACTS}: want the fit/ folder of a run, or one of recover.py"
        )
    return Path(folder), value


def mean(shares: Sequence[tuple[Path, float]], out: Path) -> None:
    """Write ``out`` as ``network.save_network`` does, with the first folder's tokenizer.

    Raises ``ValueError`` where the folders differ in labels, tokenizer or shapes: their weights mean different things.
    """
    folders, total = [folder for folder, _ in shares], sum(share for _, share in shares)
    _alike(folders)
    networks = [load_network(folder) for folder in folders]
    states = [network.state_dict() for network in networks]
    shapes = [{name: value.shape for name, value in state.items()} for state in states]
    for folder, own in zip(folders, shapes, strict=True):
        if own != shapes[0]:
            raise ValueError(f"{folder} and {folders[0]} are networks of other shapes: begin both from one encoder")
    for name, value in states[0].items():
        if value.is_floating_point():
            value.copy_(sum(state[name] * (share / total) for state, (_, share) in zip(states, shares, strict=True)))
    save_network(networks[0], out)
    shutil.copyfile(folders[0] / TOKENIZER, out / TOKENIZER)


def _alike(folders: Sequence[Path]) -> None:
    for name, read in ((FACTS, lambda path: json.loads(path.read_text())["labels"]), (TOKENIZER, Path.read_bytes)):
        first = read(folders[0] / name)
        for folder in folders[1:]:
            if read(folder / name) != first:
                raise ValueError(f"{folder} and {folders[0]} differ in {name}: their weights mean different things")


if __name__ == "__main__":
    main()
