"""Fixtures for every test. ``kafka`` is a real broker, one for the whole run: see ``mahlan.local.provide``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from mahlan.local.provide import provide

#: What the run came to.
RESULT = pytest.StashKey[int]()

# No test asserts a time: a property that takes long beside something else is no failure.
settings.register_profile("mahlan", deadline=None)
settings.load_profile("mahlan")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for the broker, so that ``-m "not kafka"`` runs without one."""
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[str]:
    """The bootstrap servers of a real Kafka."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\nmahlan: {line}", end="", file=sys.stderr, flush=True)

    with provide(say=say) as provided:
        yield provided.bootstrap


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the result for the end."""
    session.config.stash[RESULT] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End without the interpreter's last collection, once everything is torn down and told.

    With onnx and onnxruntime in one process, as only the tests have them, that collection now and then crashes: a
    segmentation fault after the summary (Python 3.11, onnx 1.23, onnxruntime 1.32), which turns a pass into a failure.
    """
    if RESULT in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[RESULT])
