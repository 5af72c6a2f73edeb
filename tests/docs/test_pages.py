"""Docs fail with the code: pages are what their script writes, name everything there is, and link to what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs.generate import PAGES, differing, pages
from mahlan.events.topics import TOPICS
from mahlan.runtime.metrics import METRICS
from mahlan.runtime.settings import described_settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)")
#: Folders whose Markdown belongs to somebody else.
FOREIGN = {".venv", ".build", ".mahlan", ".git", "dist", "node_modules"}


def markdown() -> list[Path]:
    found = (path for path in ROOT.rglob("*.md") if not FOREIGN & set(path.relative_to(ROOT).parts[:-1]))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def test_pages_are_current():
    assert differing(DOCS) == [], "run `python -m docs.generate`"


def test_a_stale_or_missing_page_is_noticed(tmp_path):
    names = sorted(pages())
    for name in names[1:]:
        (tmp_path / name).write_text("old")
    assert differing(tmp_path) == names


def test_writing_is_repeatable():
    assert pages() == pages()


@pytest.mark.parametrize("name", [row["name"] for row in described_settings()])
def test_every_setting_is_on_its_page(name):
    assert f"| `{name}` |" in (DOCS / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("name", [spec.name for spec in METRICS.values()])
def test_every_metric_is_on_its_page(name):
    assert f"| `{name}` |" in (DOCS / "metrics.md").read_text("utf-8")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_and_event_is_on_its_page(topic):
    assert f"| `{topic.name}` |" in (DOCS / "topics.md").read_text("utf-8")
    if topic.event:
        assert f"\n## {topic.event.__name__}\n" in (DOCS / "events.md").read_text("utf-8")


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.event], ids=lambda topic: topic.name)
def test_every_field_of_an_event_is_on_the_page(topic):
    page = (DOCS / "events.md").read_text("utf-8")
    section = page.partition(f"\n## {topic.event.__name__}\n")[2].partition("\n## ")[0]
    missing = [name for name in topic.event.__dataclass_fields__ if f"| `{name}` |" not in section]
    assert missing == []


def alerts():
    groups = yaml.safe_load((ROOT / "ops" / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("name", alerts())
def test_every_alert_is_on_its_page(name):
    assert f"\n## {name}\n" in (DOCS / "alerts.md").read_text("utf-8")


def commands(group, path=()):
    import click

    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield " ".join((*path, name))
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def test_every_command_is_on_its_page():
    from mahlan.cli.main import mahlan

    page = (DOCS / "cli.md").read_text("utf-8")
    missing = [name for name in commands(mahlan) if f"mahlan {name}" not in page]
    assert missing == []


def test_there_is_a_page_for_each_generator():
    assert set(PAGES) <= {path.name for path in DOCS.glob("*.md")}


@pytest.mark.parametrize("page", markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_point_at_what_exists(page):
    targets = [found.group(1) for found in LINK.finditer(page.read_text("utf-8"))]
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("page", markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_metrics_and_topics_that_prose_names_exist(page):
    text = page.read_text("utf-8")
    settings = {row["name"] for row in described_settings()}
    samples = {spec.name + tail for spec in METRICS.values() for tail in ("", "_bucket", "_sum", "_count")}
    named = set(re.findall(r"\bMAHLAN_[A-Z0-9_]*[A-Z0-9]\b(?![_*])", text))
    assert named <= settings
    measured = set(re.findall(r"`(mahlan_[a-z_]+)`", text)) - {"mahlan_data"}
    assert {name for name in measured if not name.startswith("mahlan_dead_")} <= samples
    topics = set(re.findall(r"\b(?:comments|nudges|authors|campaigns)\.[a-z]+\.v\d\b", text))
    assert topics <= {topic.name for topic in TOPICS}


def test_the_table_of_services_names_each_service_and_its_topics():
    from mahlan.cli.services import MODULES

    page = (ROOT / "services" / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in page for name in MODULES)
    written = {topic.name for topic in TOPICS if set(topic.writers) & {*MODULES, "kafka channel"}}
    assert {name for name in written if f"`{name}`" not in page} == set()
