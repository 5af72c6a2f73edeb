"""Train the accurate model: ``python -m training.accurate --data DIR --base DIR_OR_HUB_ID --out models/accurate/7``.

Rows -> normalise -> augment -> cut the vocabulary -> fine-tune -> fewer layers if asked -> ONNX -> int8 -> calibrate ->
a model folder, measured through the product's own loader. Each stage leaves its output under ``training/runs/``;
``--resume`` goes on from there. README.md beside this file says how long each takes and how to use a lent GPU.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training.accurate.config import read_config, smaller
from training.accurate.pipeline import Options, Pipeline
from training.accurate.stages import StoppedError

HERE = Path(__file__).parent
STAGES = ("rows", "augment", "base", "tokens", "fit", "distil", "export", "int8", "folder")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with train/, dev/ and perhaps aux/")
    parser.add_argument(
        "--base",
        required=True,
        help="the encoder: a folder or hub id, or an earlier run's fit/",
    )
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write, e.g. models/accurate/7")
    parser.add_argument("--config", type=Path, default=HERE.parent / "accurate.toml")
    parser.add_argument("--runs", type=Path, default=HERE.parent / "runs", help="where stages leave their output")
    parser.add_argument("--cases", type=Path, default=HERE.parent / "cases", help="the invented cases")
    parser.add_argument("--resume", action="store_true", help="use what earlier runs left, go on with a training")
    parser.add_argument("--smoke", action="store_true", help="few rows and steps: does everything work?")
    parser.add_argument("--licences", choices=("all", "stated"), default="all", help="stated: permissive ones only")
    parser.add_argument("--fast", type=Path, help="a fast model's folder: would its logit help?")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop the training after so long; --resume goes on")
    parser.add_argument("--steps", type=int, default=0, help="train so many steps instead of whole epochs: to compare")
    parser.add_argument("--fitted", type=Path, help="weights made elsewhere: a parcel of carry.py, a folder of mean.py")
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="the last stage to do")
    options = parser.parse_args()
    config = read_config(options.config)
    chosen = Options(
        data=options.data, base=options.base, out=options.out, runs=options.runs, cases=options.cases,
        resume=options.resume,
        smoke=options.smoke, licences=options.licences, fast=options.fast, minutes=options.minutes,
        steps=options.steps, fitted=options.fitted,
    )  # fmt: skip
    try:
        Pipeline(smaller(config) if options.smoke else config, chosen).run(options.until)
    except StoppedError as stopped:
        raise SystemExit(str(stopped)) from None


if __name__ == "__main__":
    main()
