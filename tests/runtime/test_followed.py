"""A file that is followed: changes are taken over, mistakes are told once and change nothing."""

from __future__ import annotations

import pytest

from mahlan.errors import SettingsError
from mahlan.runtime.followed import Followed
from mahlan.runtime.http import Health


class File:
    """What a file says; None: it cannot be read."""

    def __init__(self, says: str | None) -> None:
        self.says = says
        self.told: list[int] = []
        self.health = Health()

    def read(self) -> str:
        if self.says is None:
            raise SettingsError("it cannot be read")
        return self.says

    def parse(self, raw: str) -> int:
        if not raw.isdigit():
            raise SettingsError("not a number")
        return int(raw)

    def follow(self) -> Followed[str, int]:
        return Followed("number", self.read, self.parse, self.health, self.told.append)


def test_a_change_is_taken_over_and_told():
    file = File("1")
    followed = file.follow()
    followed.look()
    assert (followed.value, file.told) == (1, [])
    file.says = "2"
    followed.look()
    assert (followed.value, file.told, file.health.detail) == (2, [2], {})


@pytest.mark.parametrize("says", [None, "two"])
def test_what_cannot_be_used_changes_nothing_and_is_told_until_it_is_right_again(says):
    file = File("1")
    followed = file.follow()
    file.says = says
    followed.look()
    followed.look()
    assert (followed.value, file.told, list(file.health.detail)) == (1, [], ["number"])
    file.says = "1"
    followed.look()
    assert (followed.value, file.told, file.health.detail) == (1, [], {})


@pytest.mark.parametrize("says", [None, "two"])
def test_at_the_start_it_must_be_right(says):
    with pytest.raises(SettingsError):
        File(says).follow()
