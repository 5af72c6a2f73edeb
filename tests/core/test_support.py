"""What somebody in danger is shown: kind words in their language, and only help that somebody verified lately."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mahlan.core.history import no_history
from mahlan.core.messages import HelpPlace, Supporting, SupportWords
from mahlan.core.policy import decide
from tests.core.policy_cases import FRIENDLY, NOON, campaign, scored

PLACE = HelpPlace(id="line", name={"arz": "خط", "en": "A line"}, phone="123 456", verified_on=date(2026, 11, 1))
SUPPORT = Supporting(
    words=(SupportWords(language="arz", text="وجودك مهم."), SupportWords(language="en", text="You matter.")),
    help=(PLACE,),
    expires_after_days=60,
)


def support(language="arz", script="Arab", **changes):
    kind = replace(campaign(), support=replace(SUPPORT, **changes))
    comment = scored(language=language, script=script, signals=("self_harm",))
    return decide(comment, kind, no_history("a" * 32, NOON), NOON).support


@pytest.mark.parametrize(
    ("language", "script", "spoken", "direction"),
    [
        ("arz", "Arab", "arz", "rtl"),
        ("en-GB", "Latn", "en", "ltr"),
        ("mixed", "Latn", "en", "ltr"),
        ("fr", "Latn", "arz", "rtl"),
    ],
)
def test_it_speaks_the_authors_language_or_the_first_there_is(language, script, spoken, direction):
    shown = support(language, script)
    assert (shown.language, shown.direction) == (spoken, direction)
    assert [place.name for place in shown.help] == [PLACE.name[spoken]]


@pytest.mark.parametrize(
    "changes",
    [
        {"verified_on": date(2026, 9, 1)},  # longer than 60 days ago
        {"verified_on": date(2026, 12, 1)},  # a day to come
        {"verified_on": None},
        {"placeholder": True},
        {"name": {"en": "A line"}},
    ],
)
def test_help_that_nobody_verified_lately_is_left_out_and_the_words_stay(changes):
    shown = support(help=(replace(PLACE, **changes),))
    assert shown.help == ()
    assert shown.text == "وجودك مهم."


def test_it_is_there_when_the_campaign_asks_nobody_and_never_for_anything_else():
    off = replace(campaign(), support=SUPPORT, active=False)
    nothing = no_history("a" * 32, NOON)
    assert decide(scored(signals=("self_harm",), verdict=FRIENDLY), off, nothing, NOON).support is not None
    on = replace(campaign(), support=SUPPORT)
    for comment in (scored(), scored(verdict=FRIENDLY), scored(signals=("praise",))):
        assert decide(comment, on, nothing, NOON).support is None
    silent = replace(campaign(), support=None)
    assert decide(scored(signals=("self_harm",)), silent, nothing, NOON).support is None
