"""The page of ``mahlan campaigns check --html`` in a real browser: on a desk, on a phone, light and dark."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.composer.fake_gateway import ROOT
from tests.composer.test_accessibility import SCHEMES, violations


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    wrong = folder / "wrong.toml"
    wrong.write_text((ROOT / "campaigns" / "english-default.toml").read_text("utf-8").replace("0.10", "0.01"), "utf-8")
    files = [str(path) for path in (*sorted((ROOT / "campaigns").glob("*.toml")), wrong)]
    command = [sys.executable, "-m", "mahlan", "campaigns", "check", *files, "--html", str(folder / "page.html")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services")}
    subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    return folder / "page.html"


@SCHEMES
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_is_clean(context, written, scheme, width):
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(written.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    assert asked == [written.as_uri()], "it loads nothing"


def test_arabic_stands_on_the_right_and_english_on_the_left(context, written):
    page = context.new_page()
    page.goto(written.as_uri())
    for language, side in (("arz", "right"), ("en", "left")):
        nudge = page.locator(f".nudge[lang={language}]").first
        edges = nudge.evaluate("""node => {
            const range = document.createRange();
            range.selectNodeContents(node.querySelector('.ask'));
            const [inner, outer] = [range.getBoundingClientRect(), node.getBoundingClientRect()];
            return {left: inner.left - outer.left, right: outer.right - inner.right};
        }""")
        assert edges[side] <= 24
    assert page.locator("html").get_attribute("dir") == "rtl"
