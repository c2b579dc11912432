"""Feasts that move from year to year, in every country that keeps them: told where two periods differ."""

from __future__ import annotations

from datetime import date

import pytest
from dateutil.easter import EASTER_ORTHODOX, easter

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.feasts import MOVING, feast_days, moved_feast_of, moved_feasts
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import say


def told(country: str | None, one: tuple[str, str], other: tuple[str, str]) -> list[tuple[str, str, str]]:
    """The moved feasts between two half-open runs of days, each with its first day in either."""
    runs = [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in (one, other)]
    found = moved_feasts(runs[0], runs[1], Calendar("UTC", holidays=country))
    return [(name, str(here[0]), str(there[0])) for name, here, there in found]


@pytest.mark.parametrize(
    ("country", "one", "other", "feasts"),
    [
        ("DE", ("2024-03-01", "2024-04-01"), ("2023-03-01", "2023-04-01"), [("easter", "2024-03-29", "2023-04-07")]),
        ("DE", ("2024-04-01", "2024-05-01"), ("2023-04-01", "2023-05-01"), [("easter", "2024-03-29", "2023-04-07")]),
        ("DE", ("2026-04-01", "2026-04-11"), ("2025-04-01", "2025-04-11"), [("easter", "2026-04-03", "2025-04-18")]),
        ("DE", ("2026-04-01", "2026-05-01"), ("2025-04-01", "2025-05-01"), []),
        ("DE", ("2026-03-01", "2026-04-01"), ("2025-03-01", "2025-04-01"), []),
        ("DE", ("2024-01-01", "2025-01-01"), ("2023-01-01", "2024-01-01"), []),
        ("US", ("2024-01-01", "2024-04-01"), ("2023-01-01", "2023-04-01"), [("easter", "2024-03-29", "2023-04-07")]),
        ("BR", ("2024-03-01", "2024-04-01"), ("2023-03-01", "2023-04-01"), [("easter", "2024-03-29", "2023-04-07")]),
        ("GR", ("2024-05-01", "2024-06-01"), ("2023-05-01", "2023-06-01"), [("easter", "2024-05-03", "2023-04-14")]),
        ("SG", ("2026-02-01", "2026-03-01"), ("2025-02-01", "2025-03-01"),
         [("spring_festival", "2026-02-17", "2025-01-29")]),
        ("CN", ("2025-10-01", "2025-11-01"), ("2024-10-01", "2024-11-01"),
         [("mid_autumn", "2025-10-06", "2024-09-17")]),
        ("TR", ("2025-03-01", "2025-04-01"), ("2024-03-01", "2024-04-01"),
         [("eid_al_fitr", "2025-03-30", "2024-04-10")]),
        ("IN", ("2025-10-01", "2025-11-01"), ("2024-10-01", "2024-11-01"), []),
        ("IN", ("2026-11-01", "2026-12-01"), ("2025-11-01", "2025-12-01"), [("diwali", "2026-11-08", "2025-10-20")]),
        ("IL", ("2024-10-01", "2024-11-01"), ("2023-10-01", "2023-11-01"),
         [("rosh_hashanah", "2024-10-03", "2023-09-16")]),
        ("JP", ("2024-03-01", "2024-04-01"), ("2023-03-01", "2023-04-01"), []),
        (None, ("2024-03-01", "2024-04-01"), ("2023-03-01", "2023-04-01"), []),
        ("KR", ("2026-09-01", "2026-10-01"), ("2025-09-01", "2025-10-01"), [("chuseok", "2026-09-24", "2025-10-05")]),
        ("TW", ("2026-02-01", "2026-03-01"), ("2025-02-01", "2025-03-01"),
         [("spring_festival", "2026-02-15", "2025-01-28")]),
    ],
)  # fmt: skip
def test_a_feast_that_only_one_of_two_runs_holds_is_named(
    country: str | None, one: tuple[str, str], other: tuple[str, str], feasts: list[tuple[str, str, str]]
) -> None:
    """Easter, Lunar New Year, Eid, Diwali and others, by the country's own calendar; whole years are left alone."""
    assert told(country, one, other) == feasts


def test_thanksgiving_goes_by_its_weekday() -> None:
    """The fourth Thursday of November is in November every year: nothing moves."""
    assert told("US", ("2026-11-01", "2026-12-01"), ("2025-11-01", "2025-12-01")) == []


@pytest.mark.parametrize(
    ("country", "orthodox"), [("DE", False), ("US", False), ("ES", False), ("GR", True), ("RO", True)]
)
@pytest.mark.parametrize("year", range(2020, 2031))
def test_easter_is_the_church_s(country: str, orthodox: bool, year: int) -> None:
    """A question about Easter means the Sunday of the country's own church, marked by a public holiday or not."""
    sunday = easter(year, EASTER_ORTHODOX) if orthodox else easter(year)
    days = feast_days("easter", year, Calendar("UTC", holidays=country))
    assert days is not None
    assert (days[0], (days[1] - days[0]).days) == (sunday, 1)


@pytest.mark.parametrize(
    ("country", "start", "end", "word"),
    [
        ("KR", "2026-02-01", "2026-03-01", "설"),
        ("TW", "2026-06-01", "2026-07-01", "端午"),
        ("DE", "2026-04-01", "2026-05-01", "easter"),
        ("VN", "2026-02-01", "2026-03-01", "lunar new year"),
        ("JP", "2026-04-01", "2026-05-01", None),
        (None, "2026-04-01", "2026-05-01", None),
    ],
)
def test_the_feast_of_a_run_of_days(country: str | None, start: str, end: str, word: str | None) -> None:
    """What "vs the same holiday" goes by: the first moving feast that begins within the days."""
    days = (date.fromisoformat(start), date.fromisoformat(end))
    assert moved_feast_of(days, Calendar("UTC", holidays=country)) == word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_moving_feast_has_a_name(language: str) -> None:
    """In each language, another one than its key."""
    assert [name for name in MOVING if say(language, f"feast.{name}") == name] == []
