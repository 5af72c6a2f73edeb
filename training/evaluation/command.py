"""The command: measure a model, write its card and eval.json, and say whether it got worse than its predecessor.

Called by ``training/evaluate.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mahlan.errors import ModelError
from training.evaluation.choice import Predecessor, model_name, predecessor
from training.evaluation.dev_rows import DataError, DevRows, read_dev, require_dev
from training.evaluation.gate import failed
from training.evaluation.model_card import CardError, check_card, write_card
from training.evaluation.parts import IncomparableError, Task, evaluate, marked_sample
from training.evaluation.report import NEED_DATA, PARTS, Report
from training.evaluation.served import Scorer, cores, load
from training.evaluation.tables import gate_text, rows_table, sections

ABOUT = """Measure a model and hold it against its predecessor.

On a folder's dev rows: macro-F1, AUC, precision and recall of nudges, calibration error, by source, language, script
and length, and the AUC of every label. On the invented cases of this repository: what it can do, what disguises cost,
whether it treats people alike, and how fast it is. Each number comes with a 95 % interval.

A complete run writes the tables into the model's MODEL_CARD.md and eval.json. A run without --data, with --rows or with
--only prints them instead. docs/evaluation.md says how to read them.

exit status: 0 no worse than the predecessor, 1 worse beyond chance, 2 could not be measured
"""
EXAMPLES = """examples:
  python -m training.evaluate                                   the champion, on invented cases only
  python -m training.evaluate --data DIR                        everything, against the champion before it
  python -m training.evaluate --data DIR --model accurate@6     a candidate, against today's champion
  python -m training.evaluate --data DIR --rows 2000            a quick look at a sample
  python -m training.evaluate --model fast@1 --only evasions    one table
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; the exit status."""
    chosen = _parser().parse_args(argv)
    try:
        return _run(chosen)
    except (DataError, ModelError, CardError, IncomparableError) as error:
        _note(str(error))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=ABOUT, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("--data", type=Path, metavar="DIR", help="folder with dev/*.jsonl.gz (training/README.md has the format)")
    add("--model", metavar="NAME@VERSION", help="what to measure (default: the champion of the registry)")
    add("--against", metavar="NAME@VERSION", help="what to compare with: a model, a path of an eval.json, or none "
        "(default: the champion before it in the registry's history)")  # fmt: skip
    add("--models", type=Path, default=Path("models"), metavar="DIR", help="the model folders (default: models)")
    add("--rows", type=_positive, metavar="N", help="only N dev rows, drawn by lot from every source alike")
    add(
        "--only",
        nargs="+",
        choices=PARTS,
        metavar="PART",
        help=f"print these tables and nothing else: {', '.join(PARTS)}",
    )
    add("--threads", type=_positive, default=cores(), metavar="N", help="threads that score (default: every core)")
    add("--no-write", action="store_true", help="leave MODEL_CARD.md and eval.json as they are")
    add("--json", action="store_true", help="print what eval.json holds instead of tables")
    return parser


def _run(chosen: argparse.Namespace) -> int:
    parts = tuple(chosen.only or PARTS)
    if chosen.data is None:
        missing = [name for name in parts if name in NEED_DATA]
        if chosen.only and missing:
            raise DataError(f"{', '.join(missing)}: needs --data DIR")
        parts = tuple(name for name in parts if name not in NEED_DATA)
    else:
        require_dev(chosen.data)
    name = model_name(chosen.models, chosen.model)
    writes = chosen.data is not None and not (chosen.rows or chosen.only or chosen.no_write)
    if writes:
        check_card(_folder(chosen, name))
    dev = _dev(chosen, parts)  # by processes of its own, so before a graph has threads
    served = load(chosen.models, name)
    before = None if chosen.only else predecessor(chosen.models, name, chosen.against)
    scorer = Scorer(served, chosen.threads, quiet=chosen.json)
    marked = marked_sample(chosen.data, chosen.rows) if chosen.data and "spans" in parts else []
    report = evaluate(Task(served, scorer, parts, dev, marked, chosen.threads), before)
    _say_what(report, chosen, dev, before)
    if chosen.data and "spans" in parts and not marked:
        _note("no dev row has toxic_words: no marked words")
    if writes:
        _write(_folder(chosen, name), report)
    _show(report, chosen, short=writes)
    return 1 if report.gate is not None and failed(report.gate) else 0


def _dev(chosen: argparse.Namespace, parts: Sequence[str]) -> DevRows | None:
    """The rows, where a part or the gate wants them."""
    wanted = chosen.only is None or "rows" in parts or "labels" in parts
    return read_dev(chosen.data, chosen.rows) if chosen.data is not None and wanted else None


def _say_what(report: Report, chosen: argparse.Namespace, dev: DevRows | None, before: Predecessor | None) -> None:
    """On standard error: on what it was measured, and what was left out."""
    if chosen.data is None and not chosen.only:
        _note("without --data DIR: no labelled comments, labels and marked words; nothing is written")
    elif dev is not None and dev.sampled:
        _note(f"a sample: {sum(not one.spelled for one in dev.rows):,} of {dev.whole:,} dev rows; nothing is written")
    if report.data and report.data["unscored"]:
        _note(f"{report.data['unscored']} rows the model could not score count as harmless with score 0")
    if before is not None and before.served is None:
        _note(f"{before.name} is compared by its eval.json, since its folder cannot be loaded: limits are wider")


def _folder(chosen: argparse.Namespace, name: str) -> Path:
    folder: Path = chosen.models / name.replace("@", "/")
    return folder


def _write(folder: Path, report: Report) -> None:
    folder.mkdir(parents=True, exist_ok=True)  # a cascade has no folder, but its numbers need a place
    card = write_card(folder, report)
    _note(f"wrote {card} and {report.write(folder)}")


def _show(report: Report, chosen: argparse.Namespace, *, short: bool) -> None:
    """On standard output: JSON, or all tables, or where they are written the first lines of them."""
    if chosen.json:
        print(report.as_json(), end="")
        return
    if short:
        cells = [cell for cell in report.rows or [] if cell.group in ("all", "language")]
        print(f"{report.model}\n\n{rows_table(cells)}\n")
    else:
        for _, title, text in sections(report):
            print(f"## {report.model}: {title}\n\n{text}\n")
    if not chosen.only:
        print(f"## {report.model} against its predecessor\n\n{gate_text(report)}")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _note(text: str) -> None:
    print(f"mahlan: {text}", file=sys.stderr)
