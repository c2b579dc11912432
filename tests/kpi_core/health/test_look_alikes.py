"""A misspelt value is told with the one it looks like; names of their own are left alone."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from kpi_core.health.look_alikes import Member, look_alikes, strays

FIRST = date(2025, 6, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def alike(rare: str, usual: str, *, rows: int = 3, first: int = 100) -> bool:
    members = [Member(rare, rows, day(first), day(first + 3)), Member(usual, 500, day(0), day(200))]
    pairs = list(look_alikes({member.text: member for member in members}))
    assert pairs in ([], [tuple(members)])
    return bool(pairs)


@pytest.mark.parametrize("wrong", ["Sumer sale", "Summmer sale", "Sumemr sale", "Summer sal", "Sommer sale"])
def test_misspelt(wrong: str) -> None:
    """One letter more, less, other, or two exchanged, in one word."""
    assert alike(wrong, "Summer sale")


def test_misspelt_in_korean() -> None:
    """A syllable more or less in a long word is a misspelling too."""
    assert alike("인스타그렘", "인스타그램")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sale 2", "Sale 3"),
        ("A-", "A"),
        ("UK", "US"),
        ("Q1 2026", "Q1 2025"),
        ("search brand", "search generic"),
        ("b2b", "b2c"),
    ],
)
def test_names_of_their_own(one: str, other: str) -> None:
    """Numbers, signs, codes, short words and other words are no misspellings."""
    assert not alike(one, other)


def test_two_values_that_both_count() -> None:
    """A value with a fifth of the rows of its neighbour, or one as old as it, stands for itself."""
    assert not alike("Sumer sale", "Summer sale", rows=100)
    assert not alike("Sumer sale", "Summer sale", first=5)


def shop(draw: random.Random, level: int) -> dict[str, dict[date, int]]:
    """A year of orders by channel: one begins midway, one has a season, one is rare, shares wander."""
    members: dict[str, dict[date, int]] = {}
    for number in range(365):
        shares = {"search": 5.0, "social": 2 + number % 50 / 25, "rare": 0.02, "late": 1.0 * (number > 200)}
        shares["season"] = 1.5 if 90 < number < 120 else 0.0
        for _ in range(draw.randint(level // 2, level * 3 // 2)):
            member = draw.choices(list(shares), list(shares.values()))[0]
            counts = members.setdefault(member, {})
            counts[day(number)] = counts.get(day(number), 0) + 1
    return members


def test_a_word_in_the_place_of_another() -> None:
    """Days on which a channel is written quite otherwise are told by the word, whatever it is."""
    members = shop(random.Random(1), 40)
    written = {when: members["search"].pop(when) for when in (day(150), day(151))}
    assert list(strays({**members, "zzz": written})) == ["zzz"]


@pytest.mark.parametrize("level", [2, 10, 60])
def test_rare_and_seasonal_values(level: int) -> None:
    """What comes in addition is none: a rare channel, one of a season, one that begins; some shops of each size."""
    for luck in range(4):
        assert list(strays(shop(random.Random(f"{level} {luck}"), level))) == []
