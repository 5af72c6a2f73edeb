"""words@1 serves, the stricter words@2 waits; a file with other needs has its own ``models``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scorer.bench import Bench
from tests.scorer.lineups import STRICT, put_model, put_registry


@pytest.fixture
def models(tmp_path: Path) -> Path:
    put_model(tmp_path, "words@1", golden={"rude": True, "odd": False})
    put_model(tmp_path, "words@2", STRICT, golden={"rude": True, "odd": True})
    put_registry(tmp_path, 'champion = "words@1"\n')
    return tmp_path


@pytest.fixture
def bench(models: Path) -> Iterator[Bench]:
    bench = Bench(models)
    yield bench
    bench.close()
