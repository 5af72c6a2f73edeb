"""``mahlan experiment`` as it is run: a plan, a registration, a report from a file, a pipe or an address."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "insights.json"
CAMPAIGN = str(ROOT / "campaigns" / "fakkar-eg.toml")


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_plan_says_how_many_authors_for_which_effect(mahlan):
    done = mahlan("experiment", "plan", "--per-day", "400")
    assert done.returncode == 0, done.stderr
    rows = lines(done)
    assert [row["effect"] for row in rows] == [0.01, 0.02, 0.03, 0.06, 0.1, 0.2]
    assert [row["authors"] for row in rows] == sorted((row["authors"] for row in rows), reverse=True)
    six = rows[3]
    assert (six["authors"], six["held_out"], six["drafts"]) == (5385, 538, 7000)
    assert six["days"] == pytest.approx(5385 / 400 + 7, abs=0.1)


def test_no_plan_is_smaller_than_what_it_takes_to_say_anything(mahlan):
    (row,) = lines(mahlan("experiment", "plan", "--effect", "0.9", "--holdout", "0.05"))
    assert (row["authors"], row["held_out"], row["days"]) == (2000, 100, None)


def test_a_registration_is_written_from_the_campaign_file(mahlan, tmp_path):
    to = tmp_path / "registration.md"
    done = mahlan("experiment", "plan", "--campaign", CAMPAIGN, "--register", str(to), "--language", "ar")
    assert done.returncode == 0, done.stderr
    assert b"fill in its ____" in done.stderr
    assert to.read_text("utf-8").startswith("# التسجيل المسبق")


def test_without_a_campaign_it_is_the_template(mahlan, tmp_path):
    to = tmp_path / "registration.md"
    assert mahlan("experiment", "plan", "--register", str(to)).returncode == 0
    assert to.read_text("utf-8") in (ROOT / "docs" / "registration.md").read_text("utf-8")


@pytest.mark.parametrize("piped", [True, False])
def test_a_report_is_written_from_a_file_or_a_pipe(mahlan, tmp_path, piped):
    out = tmp_path / "report.html"
    source = "-" if piped else str(EXAMPLE)
    stdin = EXAMPLE.read_bytes() if piped else b""
    done = mahlan("experiment", "report", "--from", source, "--campaign", CAMPAIGN, "--out", str(out), stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert lines(done) == [{"html": str(out), "csv": str(tmp_path / "report.csv")}]
    assert "Asking helps" in out.read_text("utf-8")
    assert (tmp_path / "report.csv").read_bytes().startswith(b"campaign,as_of,role,")


class Insights(BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/insights/fakkar-eg" and self.headers["Authorization"] == "Bearer quiet-word"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(EXAMPLE.read_bytes() if found else b"{}")

    def log_message(self, *_):
        """Quietly."""


@pytest.fixture
def address():
    server = HTTPServer(("127.0.0.1", 0), Insights)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_report_is_written_from_an_address(mahlan, tmp_path, address):
    out = tmp_path / "report.html"
    wanted = ("experiment", "report", "--from", f"{address}/insights/fakkar-eg", "--out", str(out))
    done = mahlan(*wanted)
    assert done.returncode == 2
    assert b"no answer (404)" in done.stderr
    assert not out.exists()
    done = mahlan(*wanted, env={"MAHLAN_INSIGHTS_TOKEN": "quiet-word"})
    assert done.returncode == 0, done.stderr
    assert out.exists()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nowhere.json", b"cannot be read"),
        ("http://127.0.0.1:9/insights/x", b"no answer"),
        (str(ROOT / "LICENSE"), b"not JSON"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(mahlan, tmp_path, source, told):
    done = mahlan("experiment", "report", "--from", source, "--out", str(tmp_path / "report.html"))
    assert done.returncode == 2
    assert told in done.stderr
    assert b"Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
