"""Choose the uncertain band of a cascade: ``python -m training.band --data DIR --fast fast@5 --accurate accurate@6``.

Dev and the functional suite are scored once by both models. The band is the one that sends the least share of a mix of
one toxic comment in ten to the accurate model, and loses at most ``--loss`` of macro-F1 and of the nudges' precision
against that model alone, over all languages together, and at most ``--suite-loss`` of the share of cases that pass.
``--precision`` asks for more precise nudges than that, as precise as those of a cascade that serves. ``--doubt 0.45``
asks for doubt from that score of ``implicit`` on, or a lower one: dev and the suite hold next to no word in disguise.
``--doubt-above 0.05`` asks for doubt above the band from that score of ``mentioned`` on: few of them quote or rebuke.
Averaging the fast model's log odds in inside that band is tried too, and taken where dev's macro-F1 gains 0.002 and
neither precision nor the suite loses; ``--weight`` asks for one weight. Printed: shares, quality by language, the
suite, what the suite costs, throughput beside the accurate model alone, lines for registry.toml.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mahlan.errors import ModelError
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.model import Model
from mahlan.scoring.plan import Doubt, Plan, disagreements
from mahlan.scoring.registry import find_model
from training.cascading.choice import Allowed, candidates, choose, other_half, planned, prices
from training.cascading.dev import Known, as_rows, score_both
from training.cascading.mix import drawn, speeds
from training.cascading.report import as_text, facts
from training.cascading.stacking import WEIGHTS
from training.functional import ALL
from training.invented import PARTS, read_cases
from training.rows import Row, read_rows
from training.scores import MENTIONED

NONE = "none"


def main() -> None:
    """The command."""
    options = _parser().parse_args()
    above = None if options.doubt_above is None else Doubt(MENTIONED, options.doubt_above)
    folders = _folders(options, above)
    rows = _rows(options)  # before a graph is loaded: its threads do not survive the fork that normalising needs
    fast, accurate = (Model.load(folder) for folder in folders)
    known = Known(score_both(fast, accurate, rows), score_both(fast, accurate, _cases(options)))
    allowed = Allowed(options.loss, options.suite_loss, options.precision, options.doubt, above)
    weights = WEIGHTS if options.weight is None else (options.weight,) * bool(options.weight)
    found = candidates(known, allowed, weights)
    chosen = choose(found, known) if options.weight is None else found[-1]
    plan = planned(known, chosen, allowed, by_language=options.by_language)
    halves = other_half(known, chosen, allowed)
    told = facts(options.name, plan, known, found, halves, list(prices(known, chosen, allowed)))
    mix = drawn(known.dev.rows, options.mix)
    alone, together = speeds([accurate, Cascade(options.name, plan, fast, accurate)], mix)
    told["throughput"] = {
        "comments": len(mix),
        "accurate": round(alone),
        "cascade": round(together),
        "times": round(together / alone, 2),
    }
    print(json.dumps(told) if options.json else as_text(told))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.band", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/*.jsonl.gz")
    parser.add_argument("--fast", required=True, metavar="NAME@VERSION", help="scores every comment")
    parser.add_argument("--accurate", required=True, metavar="NAME@VERSION", help="decides inside the band")
    parser.add_argument("--name", default="cascade@1", metavar="NAME@VERSION", help="of the cascade (cascade@1)")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where the model folders are")
    parser.add_argument("--loss", type=float, default=0.005, help="of macro-F1 and precision that is allowed (0.005)")
    parser.add_argument("--precision", type=float, default=0.0, help="that nudges must have all the same (0)")
    parser.add_argument("--doubt", type=float, default=1.0, help="highest score of implicit to doubt from (1)")
    parser.add_argument("--doubt-above", type=float, help="score of mentioned to doubt from above the band (never)")
    parser.add_argument("--suite-loss", type=float, default=0.005, help="of the suite's pass rate allowed (0.005)")
    parser.add_argument(
        "--part", choices=(*PARTS, ALL, NONE), default="test", help="of the suite; none: only dev counts"
    )
    parser.add_argument("--weight", type=float, help="of the fast model inside the band, 0 for none; all tried")
    parser.add_argument("--by-language", action="store_true", help="a band of its own where a language loses more")
    parser.add_argument("--rows", type=int, default=0, help="of dev, spread evenly, for a quick look; 0: all")
    parser.add_argument("--mix", type=int, default=1000, help="comments that throughput is measured on (1000)")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    return parser


def _folders(options: argparse.Namespace, above: Doubt | None) -> tuple[Path, Path]:
    """Where both models are; exits with one clear line where one is missing or they do not go together."""
    try:
        fast, accurate = (find_model(options.models, name) for name in (options.fast, options.accurate))
        plan = Plan(options.fast, options.accurate, (0.0, 1.0), doubt_above=above)
        for problem in disagreements(plan, read_manifest(fast), read_manifest(accurate)):
            raise SystemExit(problem)
    except ModelError as error:
        raise SystemExit(str(error)) from None
    return fast, accurate


def _rows(options: argparse.Namespace) -> list[Row]:
    rows = read_rows(options.data, "dev")
    return rows[:: max(1, len(rows) // options.rows)] if options.rows else rows


def _cases(options: argparse.Namespace) -> list[Row]:
    if options.part == NONE:
        return []
    return as_rows(read_cases(part=None if options.part == ALL else options.part))


if __name__ == "__main__":
    main()
