"""Fine-tune on another machine: ``python -m training.accurate.carry pack|fit``. README.md beside this says how.

``pack`` puts what training needs into one folder: arrays, the packed encoder and, where the run goes on from an earlier
one, its head; no comment text. ``fit``, on a machine with torch and this repository but without the product, trains and
leaves a parcel for ``--fitted``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

from training.accurate.config import Config, read_config
from training.accurate.parcel import pack, unpack

CONFIG = Path(__file__).parent.parent / "accurate.toml"
ARRAYS = ("train.npz", "dev.npz", "tokenizer.json")
MEGABYTE = 1 << 20


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate.carry", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--config", type=Path, default=CONFIG)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="what training needs, from a run that is done up to its tokens")
    packing.add_argument("--run", type=Path, required=True, help="e.g. training/runs/accurate-1")
    packing.add_argument("--to", type=Path, required=True)
    fitting = commands.add_parser("fit", help="train from such a folder; leave a parcel of weights")
    fitting.add_argument("--parcel", type=Path, required=True, help="what pack wrote")
    fitting.add_argument("--work", type=Path, required=True, help="checkpoints; the same folder again goes on")
    fitting.add_argument("--to", type=Path, required=True, help="the parcel to write")
    fitting.add_argument("--part", type=int, default=15, help="megabytes of a file at most")
    fitting.add_argument("--minutes", type=float, default=0.0, help="stop after so long, leaving a checkpoint")
    fitting.add_argument("--steps", type=int, default=0, help="for a trial: so many steps only")
    fitting.add_argument("--batch", type=int, default=0, help="instead of fit.batch")
    options = parser.parse_args()
    if options.command == "pack":
        size = pack_run(options.run, options.to)
        print(f"wrote {options.to}: {size / MEGABYTE:.1f} MiB")
        return
    config = read_config(options.config)
    if options.batch:
        config = replace(config, fit=replace(config.fit, batch=options.batch))
    fit(config, options.parcel, options.work, options.minutes, options.steps)
    fitted = options.work / ("distil" if config.distil.layers else "fit")
    for path in pack(fitted, options.to, options.part * MEGABYTE):
        print(f"{path}: {path.stat().st_size / MEGABYTE:.1f} MiB")


def pack_run(run: Path, folder: Path) -> int:
    """Write the arrays and the encoder of ``run`` into ``folder``; how many bytes that is."""
    base = Path(json.loads((run / "base" / "base.json").read_text(encoding="utf-8")))
    shutil.rmtree(folder / "base", ignore_errors=True)  # or the head of another run, packed here before, would stay
    pack(base, folder / "base", 1 << 40, matrices=True)
    (folder / "base" / "tokenizer.json").unlink(missing_ok=True)
    for name in ARRAYS:
        shutil.copyfile(run / "tokens" / name, folder / name)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fit(config: Config, parcel: Path, work: Path, minutes: float, steps: int) -> None:
    """Train from ``parcel``, print what dev says, leave the network in ``work``."""
    from training.accurate.dev import dev_table
    from training.accurate.network import begun_network, load_network, with_layers
    from training.accurate.stages import StoppedError
    from training.accurate.tokens import load_tokens
    from training.accurate.tune import Limits, Teacher, seeded, tune
    from training.accurate.vocabulary import find_pad

    tokens, pad = load_tokens(parcel / "train.npz"), find_pad(parcel / "tokenizer.json")
    whole, fewer, limits = work / "fit", work / "distil", Limits(steps, minutes, pad)
    unpack(parcel / "base", work / "base")
    whole.mkdir(parents=True, exist_ok=True)
    fewer.mkdir(parents=True, exist_ok=True)
    try:
        if not (whole / "model.safetensors").exists():
            seeded(config.seed)
            network = begun_network(work / "base", config.labels, config.fit.dropout)
            tune(network, tokens, config, config.fit, whole, limits)
        if config.distil.layers and not (fewer / "model.safetensors").exists():
            student = with_layers(load_network(whole, config.fit.dropout), config.distil.layers)
            teacher = Teacher(load_network(whole), config.distil.teacher_share)
            shorter = replace(config.fit, epochs=config.distil.epochs, most_steps=0)
            tune(student, tokens, config, shorter, fewer, limits, teacher)
    except StoppedError as stopped:
        raise SystemExit(f"{stopped} (the same command again)") from None
    fitted = load_network(fewer if config.distil.layers else whole)
    print(dev_table(fitted, load_tokens(parcel / "dev.npz"), pad))


if __name__ == "__main__":
    main()
