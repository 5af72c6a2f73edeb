"""Schemathesis asks every route what the document allows and what it does not: answers are as told, and no 5xx.

Its check ``positive_data_acceptance`` is left out: a JSON Schema integer admits ``1.0``, ours does not, and an outcome
of a nudge that never was is a 422, however well-formed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mahlan.gateway.app import routes
from mahlan.gateway.document import render
from tests.board.fake_insights import FakeInsights
from tests.board.invented import busy
from tests.gateway.elsewhere import Elsewhere
from tests.gateway.stage import CAMPAIGN, Stage


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with FakeInsights({CAMPAIGN: busy()}) as insights:
        options = {"gateway_insights_url": insights.url}
        with Elsewhere(Stage(tmp_path_factory.mktemp("gateway"), options=options)) as stage:
            yield stage


SCHEMA = schemathesis.openapi.from_dict(orjson.loads(render(routes())))
# A stream does not end; test_stream.py reads it.
OPERATIONS = [found.ok() for found in SCHEMA.exclude(path="/v1/nudges/stream").get_all_operations()]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_route_answers_as_the_document_says(operation: Any, mode: GenerationMode, gateway: Stage) -> None:
    statuses: Counter[int] = Counter()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def ask(case: Any) -> None:
        headers = {"Authorization": f"Bearer {gateway.key}"}
        answer = case.call(base_url=gateway.url, headers=headers)
        statuses[answer.status_code] += 1
        case.validate_response(answer, headers=headers, excluded_checks=[positive_data_acceptance])

    ask()
    assert all(status < 500 for status in statuses)
    assert sum(statuses.values()) > 20
