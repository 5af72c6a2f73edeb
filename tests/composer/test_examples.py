"""The examples say what the element has; the plain one runs as it stands."""

from __future__ import annotations

import re

import pytest

from tests.composer.fake_gateway import ROOT, STATIC

EXAMPLES = ROOT / "examples"
SOURCE = (STATIC / "composer" / "mahlan-composer.js").read_text("utf-8")


def test_the_plain_example_asks_and_posts(fake, context):
    text = (EXAMPLES / "plain.html").read_text("utf-8").replace("http://127.0.0.1:8080", fake.url)
    fake.pages["/plain"] = text.replace("<mahlan-composer", '<mahlan-composer budget-ms="20000"')
    page = context.new_page()
    page.goto(f"{fake.url}/plain")
    page.get_by_role("textbox").fill("انت غبي")
    page.get_by_role("button", name="نشر").click()
    page.get_by_role("dialog").wait_for()
    page.locator("[part~=send]").click()
    page.wait_for_url("**/comments")
    assert fake.posts[0]["text"] == ["انت غبي"]
    fake.wait_for_outcomes("shown", "sent_unchanged")


@pytest.mark.parametrize("name", ["plain.html", "react.jsx", "MahlanComments.vue"])
def test_an_example_names_attributes_and_events_there_are(name):
    (tag,) = re.findall(r"<mahlan-composer ([^>]*)", (EXAMPLES / name).read_text("utf-8"))
    named = set(re.findall(r"([\w-]+)=", tag)) - {"onmahlan-post", "mahlan-post"}
    assert {attribute for attribute in named if f'Attribute("{attribute}")' not in SOURCE} == set()
    assert named >= {"author-key"}
