"""The status port: metrics; livez fails when the loop stops beating; readyz waits for what the service needs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from mahlan.runtime.http import Health, serve_status
from mahlan.runtime.metrics import build_metrics


class Clock:
    """Time that stands until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def port():
    clock, metrics = Clock(), build_metrics()
    health = Health(patience=30.0, clock=clock)
    server = serve_status("127.0.0.1", 0, metrics.registry, health)
    yield clock, health, metrics, f"http://127.0.0.1:{server.port}"
    server.close()


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(), answer.headers


def test_metrics_are_shown(port):
    _, _, metrics, url = port
    metrics.events_in.labels("scorer", "comments.normalised.v1").inc(3)
    status, body, _ = get(f"{url}/metrics")
    assert status == 200
    assert 'mahlan_events_in_total{service="scorer",topic="comments.normalised.v1"} 3.0' in body


def test_livez_fails_when_the_loop_stops_beating_and_recovers(port):
    clock, health, _, url = port
    assert get(f"{url}/livez")[0] == 200
    clock.now += 30.0
    assert get(f"{url}/livez")[0] == 200
    clock.now += 0.5
    status, body, headers = get(f"{url}/livez")
    assert (status, json.loads(body)["seconds_since_beat"]) == (503, 30.5)
    assert headers["Cache-Control"] == "no-store"
    health.beat()
    assert get(f"{url}/livez")[0] == 200


def test_readyz_waits_for_ready_and_for_life(port):
    clock, health, _, url = port
    assert get(f"{url}/readyz")[0] == 503
    health.ready = True
    health.detail["model"] = "fast@1"
    status, body, _ = get(f"{url}/readyz")
    assert (status, json.loads(body)["model"]) == (200, "fast@1")
    clock.now += 31
    assert get(f"{url}/readyz")[0] == 503


def test_other_paths_say_what_there_is(port):
    status, body, _ = get(f"{port[3]}/")
    assert status == 404
    assert "/readyz" in body


def test_a_taken_port_is_an_error(port):
    taken = int(port[3].rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        serve_status("127.0.0.1", taken, build_metrics().registry, Health())


def test_close_frees_the_port():
    first = serve_status("127.0.0.1", 0, build_metrics().registry, Health())
    first.close()
    serve_status("127.0.0.1", first.port, build_metrics().registry, Health()).close()
