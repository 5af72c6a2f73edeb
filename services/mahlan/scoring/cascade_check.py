"""``mahlan models check NAME@VERSION`` of a cascade: both folders, then whether they go together. Called by the CLI."""

from __future__ import annotations

from pathlib import Path

from mahlan.errors import ModelError
from mahlan.scoring.check import Finding, Report, check_folder
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.plan import disagreements, doubts
from mahlan.scoring.served import Found
from mahlan.scoring.signature import Trusted


def check_served(found: Found, registry: Path, *, seconds: float = 1.0, trusted: Trusted = ()) -> list[Report]:
    """A report on each folder, and for a cascade one more on the plan in ``registry``, last. Never raises."""
    reports = [check_folder(folder, seconds=seconds, trusted=trusted) for folder in found.folders]
    if found.plan is not None:
        reports.append(_check_plan(found, registry, reports))
    return reports


def _check_plan(found: Found, registry: Path, parts: list[Report]) -> Report:
    report = Report(folder=registry, name=found.name)
    plan = found.plan
    for wanted, part in zip(plan.parts if plan else (), parts, strict=True):
        if not part.ok:
            report.findings.append(Finding("error", f"its part {wanted} cannot be served"))
        if part.name not in (None, wanted):
            report.findings.append(Finding("error", f"the manifest in the folder of {wanted} says it is {part.name}"))
    try:
        fast, accurate = (read_manifest(folder) for folder in found.folders)
    except ModelError:
        return report  # its own report says it
    if plan is not None:
        report.findings += [Finding("error", text) for text in disagreements(plan, fast, accurate)]
        report.findings += [Finding("warning", text) for text in doubts(plan, fast)]
    return report
