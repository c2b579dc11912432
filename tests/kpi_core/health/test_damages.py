"""Drop, delay, double, blank or misspell a part of a source: each number stays, is null, or names the source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from companies.drawn_shop import Company, drawn_company
from damages import Damage, any_damage, demo_company, large_damage, loaded, named_while_sound, silent_after

import long

Draw = Callable[[Company, str, Random], Damage | None]
A_COMPANY = 12
"""Damages of one company; another is drawn for the next ones."""


def sources() -> int:
    """How many sources the drawn companies have."""
    return 3 if long.share() is None else 14


def silent(company: Company, folder: Path, draw: Draw, count: int, random: Random, *, fresh: bool) -> list[str]:
    """What so many damages change in silence."""
    engine = loaded(company)
    changes: list[str] = []
    done = 0
    while done < count:
        damage = draw(company, random.choice(sorted(company.rows)), random)
        if damage is not None:
            changes += silent_after(damage, company, engine, folder / f"damage {done}", fresh=fresh)
            done += 1
    engine.warehouse.close()
    return changes


def silent_of_drawn(folder: Path, draw: Draw, count: int, *, fresh: bool) -> list[str]:
    """The same over as many drawn companies as it takes; a small one in the short form."""
    changes: list[str] = []
    for number in range(0, count, A_COMPANY):
        place = folder / f"company {number}"
        place.mkdir()
        company = drawn_company(place, f"{draw.__name__} {number}", sources())
        these = min(A_COMPANY, count - number)
        changes += silent(company, place, draw, these, Random(f"{number} {fresh}"), fresh=fresh)
    return changes


@pytest.mark.long
def test_no_change_since_the_load_before_is_silent(tmp_path: Path) -> None:
    """Over a sound load, any damage whatever, one row or a month: no number of any KPI changes without a word."""
    count = long.times(2, 400)
    changes = silent_of_drawn(tmp_path, any_damage, count, fresh=False)
    long.ran("damages over a sound load", count, silent=len(changes))
    assert changes == []


@pytest.mark.long
def test_large_damage_is_seen_at_a_first_load(tmp_path: Path) -> None:
    """Without any load before, a damage that `large_damage` calls large enough is told all the same."""
    count = long.times(2, 100)
    changes = silent_of_drawn(tmp_path, large_damage, count, fresh=True)
    long.ran("damages at a first load", count, silent=len(changes))
    assert changes == []


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="the demo takes half a minute to make")
def test_damages_to_the_demo(tmp_path: Path) -> None:
    """The same of the demo company, and over it in full: its planted outage is the only thing that is named."""
    company = demo_company(tmp_path / "demo")
    count = long.times(1, 60)
    changes = silent(company, tmp_path, any_damage, count, Random("demo"), fresh=False)
    long.ran("damages over a sound load", count, silent=len(changes))
    assert changes == []


@pytest.mark.long
def test_a_sound_source_is_not_named(tmp_path: Path) -> None:
    """Of all KPIs in each of twelve months of sound companies, at most one answer in 200 carries a sentence.

    They have closed weekends, seasons, campaigns that end, channels that begin, and columns that are filled from some
    day on.
    """
    named: list[str] = []
    total = 0
    for number in range(long.times(1, 40)):
        place = tmp_path / f"company {number}"
        place.mkdir()
        engine = loaded(drawn_company(place, f"sound {number}", sources()))
        more, answers = named_while_sound(engine)
        named, total = named + more, total + answers
        engine.warehouse.close()
    long.ran("answers of sound companies", total, named=len(named))
    assert len(named) <= total / 200, named
