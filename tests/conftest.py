"""Fixtures for every test. ``kafka`` is a real broker, one for the whole run: see ``mahlan.local.provide``."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from mahlan.local.provide import provide


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


def pytest_unconfigure() -> None:
    """Leave what native extensions made out of the interpreter's last collection.

    With onnx and onnxruntime in one process, as only the tests have them, that collection now and then crashes
    (a segmentation fault after the summary, on Python 3.11 with onnx 1.23).
    """
    gc.collect()
    gc.freeze()
