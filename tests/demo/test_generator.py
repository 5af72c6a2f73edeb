"""The invented comments: the same for the same seed, in every language, from few busy authors and many quiet ones."""

from __future__ import annotations

from collections import Counter

import pytest

from mahlan.demo.generator import invent, taken, words

LANGUAGES = ("arz", "ar", "arz-Latn", "en", "mixed")


def test_the_same_seed_says_the_same():
    assert list(invent(500, 3)) == list(invent(500, 3))
    assert [c.text for c in invent(500, 3)] != [c.text for c in invent(500, 4)]


def test_exactly_as_many_as_asked_and_each_once():
    for count in (1, 39, 40, 41, 700):
        found = list(invent(count, 1))
        assert len(found) == count
        assert len({(c.number, c.revision) for c in found}) == count


def test_shares_are_those_of_the_table():
    found = list(invent(6000, 1))
    for part in ("languages", "kinds"):
        counted = Counter(c.language if part == "languages" else c.kind for c in found if not c.revision)
        for name, share in words()["shares"][part].items():
            assert counted[name] / counted.total() == pytest.approx(share, abs=0.03)


def test_a_revision_follows_its_draft():
    drafts = {}
    revised = 0
    for comment in invent(3000, 1):
        if comment.revision:
            revised += 1
            draft = drafts[comment.number]
            assert (draft.state, draft.author, draft.language) == ("draft", comment.author, comment.language)
        drafts[comment.number] = comment
    assert revised > 100


def test_some_write_much_and_most_write_little():
    counted = Counter(comment.author for comment in invent(3000, 1))
    assert counted.most_common(1)[0][1] > 10 * sorted(counted.values())[len(counted) // 2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_can_be_filled(language):
    table = words()[language]
    for kind in words()["shares"]["kinds"]:
        for template in table[kind]:
            filled = template.format(who=table["who"][0], thing=table["thing"][0], tail=table["tail"][-1])
            assert "{" not in filled


def test_texts_of_a_file_keep_their_order():
    assert [comment.text for comment in taken(["b", "a", "c"])] == ["b", "a", "c"]
