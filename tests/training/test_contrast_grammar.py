"""The grammar of contrast on a small one: frames decide, praise turns them round, words agree, mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.contrast_cases import read_contrast

SMALL = """
forms = ["group", "of"]
that = "of"
joins = [["that US", "that we all"]]
feminine = ["SHE"]
openers = ["o"]
closers = ["."]
[groups]
one = ["HE/HIM"]
two = ["SHE/HER"]
[said.group_clauses]
any = "{group} [is a lout|is a shrew]"
[said.group_praise]
any = "{group} is good"
[said.group_sayings]
two = "away with {of}"
[said.person_clauses]
any = "you are [a king|a queen]"
[said.person_praise]
any = "US"
[plain.contrast_fine]
any = "{group} came"
[plain.contrast_degraded]
any = "{group} should go"
[plain.contrast_things]
any = "the chair is bad"
[plain.contrast_crowds]
any = "cooks are bad"
[frames.contrast_denied]
about = "group"
contempt = 0
praise = 1
lines.never = "never that {s}"
[frames.contrast_quoted]
about = "group"
contempt = 0
lines.told = 'they told us "{q}"'
[frames.contrast_agreed]
about = "group"
contempt = 1
praise = 0
lines.yes = "yes: {q}"
[frames.contrast_comforted]
about = "person"
contempt = 0
praise = 1
lines.no = "no [he|she] lied that {s}"
[frames.contrast_told]
about = "person"
contempt = 1
praise = 0
lines.bare = "{q}"
"""


def small(folder: Path, *changes: tuple[str, str]) -> Path:
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "en.toml").write_text(text, encoding="utf-8")
    return folder


def bare(text: str) -> str:
    return text.removeprefix("o ").removesuffix(".").translate(str.maketrans("", "", "\"'“”«»"))


def test_a_frame_decides_and_what_is_good_turns_it_round(tmp_path):
    found = {(bare(case.text), case.capability): case.toxic for case in read_contrast(60, small(tmp_path))}
    assert found["never that HIM is a lout", "contrast_denied"] == 0
    assert found["yes: HE is a lout", "contrast_agreed"] == 1
    assert found["never that HIM is good", "contrast_denied_praise"] == 1
    assert found["yes: HE is good", "contrast_agreed_praise"] == 0


def test_agreement_follows_the_group_or_the_person(tmp_path):
    texts = {bare(case.text) for case in read_contrast(60, small(tmp_path))}
    assert {"yes: HE is a lout", "yes: SHE is a shrew"} <= texts
    assert {"no he lied that you are a king", "no she lied that you are a queen"} <= texts
    assert not texts & {"yes: HE is a shrew", "yes: SHE is a lout", "no he lied that you are a queen"}
    assert any("that we all" in text for text in texts)


def test_a_saying_stands_in_quotes_only_and_of_its_kind_only(tmp_path):
    texts = {bare(case.text) for case in read_contrast(60, small(tmp_path))}
    assert {text for text in texts if "away" in text} == {"they told us away with HER", "yes: away with HER"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('"{group} came"', '"{crowd} came"'), "contrast_fine.any_1: slot crowd"),
        (('"HE/HIM"', '"HE"'), "groups.one: 'HE' has 1 forms"),
        (('two = "away', 'three = "away'), "three is no kind of group"),
        (('"yes: {q}"', '"yes"'), "frames.contrast_agreed.yes"),
        (("openers", "opener"), "opener: no such key"),
        (("[groups]", "[groups"), "en.toml"),
    ],
)
def test_a_grammar_that_cannot_be_read_is_named(tmp_path, change, says):
    with pytest.raises(ValueError, match=r"en\.toml: ") as error:
        read_contrast(2, small(tmp_path, change))
    assert says in str(error.value)


def test_more_than_a_grammar_holds_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="different comments, 4000 wanted; ask for fewer"):
        read_contrast(4000, small(tmp_path))
