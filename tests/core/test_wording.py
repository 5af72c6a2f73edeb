"""Which words an author sees: arms by author, variants by comment, creators and help only while they are valid."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mahlan.core.campaign_file import parse_campaign
from mahlan.core.history import no_history, remember
from mahlan.core.messages import Card, Creator, CreatorWords, Lessons
from mahlan.core.policy import decide
from mahlan.core.wording import options_for
from mahlan.events.ruling import CreatorMessage
from tests.core.policy_cases import NOON, history, scored

ROW = """
[[wording]]
id = "{id}"
language = "{language}"
arm = "{arm}"
surfaces = [{surfaces}]
text = "{id}?"
edit = "e"
send = "s"
dispute = "d"
"""
HEAD = """
id = "arms"
title = "Arms"
test = true
languages = ["arz", "en"]
[hashtags]
current = ["#x"]
[holdout]
share = 0.0
salt = "a salt of tests"
[fallback]
"mixed-Arab" = ["arz"]
[thanks]
arz = "شكرًا"
"""
AUTHORS = [f"author-{n:04}" for n in range(600)]


def build(*rows: tuple[str, str, str, str], **changes):
    """A campaign with these wordings: (id, language, arm, surfaces)."""
    written = "".join(ROW.format(id=i, language=lang, arm=arm, surfaces=where) for i, lang, arm, where in rows)
    languages = sorted({language for _, language, _, _ in rows})
    head = HEAD.replace('["arz", "en"]', str(languages).replace("'", '"')).replace('= ["arz"]', f'= ["{languages[0]}"]')
    campaign = parse_campaign(head + written, "arms.toml")
    return replace(campaign, **changes)


ARMS = [("plain", "arz", "plain", ""), ("marked", "arz", "highlight", ""), ("norm", "arz", "norm", ""),
        ("en", "en", "plain", ""), ("en-marked", "en", "highlight", "")]  # fmt: skip
CREATOR = Creator(
    id="creator-1",
    name="An invented name",
    consent="file 7",
    messages=(CreatorWords(language="arz", text="رسالة للتجربة"),),
)


def shown(campaign, author, comment_id="c-1", now=NOON, past=None, **changes):
    past = past or no_history(author, now)
    decision = decide(scored(comment_id, author_key=author, **changes), campaign, past, now)
    assert decision.wording is not None
    return decision.wording


def arms(campaign, **changes):
    return {author: shown(campaign, author, **changes).arm for author in AUTHORS}


def test_authors_are_shared_out_evenly_and_stay_where_they_are():
    found = arms(build(*ARMS))
    shares = Counter(found.values())
    assert set(shares) == {"plain", "highlight", "norm"}
    assert all(150 <= count <= 250 for count in shares.values())  # 200 ± 4 standard deviations
    assert arms(build(*ARMS), comment_id="another", now=NOON + timedelta(days=90)) == found


def test_another_salt_shares_them_out_anew_and_apart_from_the_holdout():
    first = arms(build(*ARMS))
    salted = build(*ARMS)
    other = arms(replace(salted, holdout=replace(salted.holdout, salt="another salt")))
    assert 0.2 < sum(first[author] == other[author] for author in AUTHORS) / len(AUTHORS) < 0.47


def test_an_arm_that_comes_or_goes_moves_only_those_who_have_it():
    before, after = arms(build(*ARMS)), arms(build(*ARMS, creators=(CREATOR,)))
    moved = {author for author in AUTHORS if before[author] != after[author]}
    assert moved == {author for author in AUTHORS if after[author] == "creator"}
    assert 100 <= len(moved) <= 200  # a fourth


def test_an_arm_without_words_in_a_language_leaves_its_authors_to_the_others():
    arabic, english = arms(build(*ARMS)), arms(build(*ARMS), language="en", script="Latn")
    assert set(english.values()) == {"plain", "highlight"}
    assert all(english[author] == arm for author, arm in arabic.items() if arm != "norm")


def test_variants_within_an_arm_go_by_comment():
    two = build(("one", "arz", "plain", ""), ("two", "arz", "plain", ""))
    assert {shown(two, AUTHORS[0], f"c-{n}").id for n in range(20)} == {"one", "two"}


def test_a_surface_has_its_own_words_where_there_are_some():
    rows = build(("all", "arz", "plain", ""), ("chat", "arz", "plain", '"live_chat", "message"'),
                 ("norm", "arz", "norm", '"live_chat"'))  # fmt: skip
    assert {shown(rows, author, surface="live_chat").id for author in AUTHORS[:40]} == {"chat", "norm"}
    assert {shown(rows, author, surface="message").id for author in AUTHORS[:40]} == {"chat"}
    assert {shown(rows, author).id for author in AUTHORS[:40]} == {"all"}
    chat = build(("chat", "arz", "plain", '"live_chat"'))
    assert options_for(chat, scored(), NOON.date()) == {}
    assert decide(scored(), chat, no_history("a" * 32, NOON), NOON).reason == "unknown_language"


def test_words_are_marked_but_in_the_plain_arm_of_a_campaign_that_tries_marking():
    compared = build(*ARMS)
    for author in AUTHORS[:40]:
        decision = decide(scored(author_key=author), compared, no_history(author, NOON), NOON)
        assert decision.wording.marks == (decision.wording.arm != "plain")
        assert decision.spans, "what the words are is told all the same"
    assert shown(build(("plain", "arz", "plain", "")), AUTHORS[0]).marks


def test_a_creators_message_goes_with_the_plain_words():
    heard = build(("plain", "arz", "plain", ""), creators=(CREATOR,))
    wording = next(w for w in (shown(heard, author) for author in AUTHORS) if w.arm == "creator")
    assert wording.id == "plain"
    said = CreatorMessage(id="creator-1", language="arz", text="رسالة للتجربة", name="An invented name")
    assert wording.creator == said
    assert shown(heard, AUTHORS[0], language="mixed").creator in {None, said}
    assert all(arm == "plain" for arm in arms(build(("en", "en", "plain", ""), creators=(CREATOR,)), language="en",
                                              script="Latn").values())  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"placeholder": True},
        {"consent": ""},
        {"messages": ()},
        {"valid_until": date(2026, 11, 22)},
        {"valid_from": date(2026, 11, 24)},
    ],
)
def test_a_creator_who_may_not_speak_is_never_shown(changes):
    silent = build(*ARMS, creators=(replace(CREATOR, **changes),))
    assert "creator" not in arms(silent).values()


def test_a_creator_may_speak_on_the_first_and_the_last_day():
    today = NOON.date()
    heard = build(*ARMS, creators=(replace(CREATOR, valid_from=today, valid_until=today),))
    assert "creator" in arms(heard).values()


def test_an_author_hears_one_creator_as_long_as_they_may_speak():
    two = (CREATOR, replace(CREATOR, id="creator-2"))
    both = build(*ARMS, creators=two)
    heard = {author: shown(both, author).creator for author in AUTHORS if shown(both, author).arm == "creator"}
    shares = Counter(said.id for said in heard.values())
    assert set(shares) == {"creator-1", "creator-2"}
    again = {author: shown(build(*ARMS, creators=two[::-1]), author, "c-9").creator for author in heard}
    assert again == heard


def test_thanks_are_in_the_language_of_the_question():
    assert shown(build(*ARMS), AUTHORS[0]).thanks == "شكرًا"
    assert shown(build(*ARMS), AUTHORS[0], language="en", script="Latn").thanks == ""


LESSON = Lessons(after_nudges=3, every_days=30, cards=(Card(id="pause", language="arz", title="ثانية", text="نص"),))


def lesson_days(campaign, author, minutes=(300, 600, 900)) -> list[int]:
    """The days of two months on which somebody who is asked every few hours is shown the card."""
    days = (NOON + timedelta(days=day) for day in range(60))
    return [
        number
        for number, now in enumerate(days)
        if shown(campaign, author, now=now, past=history(*minutes, author_key=author, now=now)).lesson
    ]


def test_a_lesson_comes_on_an_authors_own_day_once_in_its_time():
    taught = build(*ARMS, lesson=LESSON, nudge=replace(build(*ARMS).nudge, per_day=20))
    found = {author: lesson_days(taught, author) for author in AUTHORS[:30]}
    assert all(len(days) == 2 and days[1] - days[0] == 30 for days in found.values())
    assert len({days[0] for days in found.values()}) > 10
    assert lesson_days(taught, AUTHORS[0], minutes=(300, 600)) == []
    assert lesson_days(taught, AUTHORS[0], minutes=(300, 600, 3000)) == [], "two days are remembered"


def test_a_lesson_is_shown_once_on_that_day_and_never_for_what_the_holdout_was_spared():
    taught = build(*ARMS, lesson=LESSON, nudge=replace(build(*ARMS).nudge, per_day=20))
    author = AUTHORS[0]
    now = NOON + timedelta(days=lesson_days(taught, author)[0])
    past = history(300, 600, 900, author_key=author, now=now)
    first = decide(scored("c-1", author_key=author), taught, past, now)
    assert first.wording.lesson.id == "pause"
    later = now + timedelta(hours=1)
    past = remember(past, first)
    assert past.nudges[-1].lesson
    assert shown(taught, author, "c-2", now=later, past=past).lesson is None
    held = history(300, 600, 900, author_key=author, now=now, kind="holdout")
    assert shown(taught, author, now=now, past=held).lesson is None
