"""The rows of effects as CSV, for a spreadsheet or another statistics program."""

from __future__ import annotations

import csv
import io

from mahlan.reports.figures import Figures

COLUMNS = (
    *("campaign", "as_of", "role", "measure", "language", "arm", "against", "level", "state"),
    *("treated_authors", "treated_mean", "control_authors", "control_mean"),
    *("difference", "low", "high", "adjusted", "authors_needed", "days_needed"),
)


def effect_rows(figures: Figures) -> str:
    """CSV (RFC 4180) with a header; an empty cell where there is no number yet, or where all languages are meant."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in figures.effect:
        cells = {name: getattr(row, name) for name in COLUMNS if hasattr(row, name)}
        writer.writerow(
            cells
            | {
                "campaign": figures.campaign,
                "as_of": figures.as_of.isoformat(),
                "treated_authors": row.treated.authors,
                "treated_mean": row.treated.mean,
                "control_authors": row.control.authors,
                "control_mean": row.control.mean,
            }
        )
    return written.getvalue()
