"""Turn a public data set, as its publisher gives it, into rows to train on: ``python -m training.convert --list``.

``python -m training.convert SOURCE --from FILE_OR_FOLDER --data DIR`` writes ``DIR/train/SOURCE.jsonl``, ``dev/`` and
where there is one ``test/``, which no training reads. FOLDER is a checkout of the source's repository, or any folder
with its files. Handles, links, addresses and long numbers are taken out of the texts.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from training.convert.engine import SPLITS, Converted, convert
from training.convert.sources import SOURCES, Source, find_source
from training.convert.writing import refuse_to_overwrite, write

TERMS = Path(__file__).parent.parent / "sources.toml"
SHOWN = 50
MOST_BAD = 0.05


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    options = _parser().parse_args(arguments)
    if options.list:
        print(listed())
        return
    if not (options.source and options.come_from and options.data):
        raise SystemExit("usage: python -m training.convert SOURCE --from FILE_OR_FOLDER --data DIR (or --list)")
    source = find_source(options.source)
    if not options.come_from.exists():
        raise SystemExit(f"{options.come_from}: not there; --from takes what {source.name} publishes, see --list")
    if not options.force:
        refuse_to_overwrite(source, options.data)
    found = convert(source, options.come_from, _words(options.veto))
    report_bad(found)
    written = write(source, found, options.data)
    print(summary(source, found, written))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.convert", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", nargs="?", help="a name of --list")
    parser.add_argument("--list", action="store_true", help="the sources, where to get them and under which terms")
    parser.add_argument("--from", dest="come_from", type=Path, help="the file, or a folder with the source's files")
    parser.add_argument("--data", type=Path, help="the data folder to write into")
    parser.add_argument("--veto", type=Path, help="words, one a line: a weak row that holds one is left out")
    parser.add_argument("--force", action="store_true", help="write this source's files anew")
    return parser


def _words(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    try:
        return frozenset(path.read_text(encoding="utf-8").casefold().split())
    except (OSError, UnicodeDecodeError):
        raise SystemExit(f"{path}: --veto takes a UTF-8 file of words, one a line") from None


def listed() -> str:
    """Every source of the table: where its files are, and its publisher's statement of terms."""
    terms = tomllib.loads(TERMS.read_text(encoding="utf-8"))
    return "\n\n".join(
        f"{source.name}\n  https://github.com/{terms[source.name]['repository']} at {terms[source.name]['commit']}\n"
        f"  {', '.join(path for file in source.files for path in (file.path, file.also) if path)}\n"
        f"  terms: {terms[source.name]['licence']}"
        for source in SOURCES
    )


def report_bad(found: Converted) -> None:
    """Each row that could not be read, on stderr. Exits, before anything is written, when there are too many."""
    for error in found.bad[:SHOWN]:
        print(error, file=sys.stderr)
    if len(found.bad) > SHOWN:
        print(f"… and {len(found.bad) - SHOWN:,} more", file=sys.stderr)
    if len(found.bad) > MOST_BAD * found.read:
        raise SystemExit(f"{len(found.bad):,} of {found.read:,} rows cannot be read: wrong file? Nothing was written")
    if not any(found.rows.values()):
        raise SystemExit("no rows: is the file empty? Nothing was written")


def summary(source: Source, found: Converted, written: Sequence[Path]) -> str:
    """Counts: read, bad, left out by reason, and what went where."""
    out = ", ".join(f"{count:,} {why}" for why, count in sorted(found.left_out.items()))
    lines = [f"{source.name}: {found.read:,} read, {len(found.bad):,} bad; left out: {out or 'none'}"]
    for split in SPLITS:
        rows = found.rows[split]
        toxic = sum(row.get("toxic") == 1 for row in rows)
        lines += [f"  {split}: {len(rows):,} rows, {toxic / len(rows):.0%} toxic"] if rows else []
    return "\n".join([*lines, *(f"  {path}" for path in written)])


if __name__ == "__main__":
    main()
