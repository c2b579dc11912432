"""The days of feasts that move by weeks from year to year, and of public holidays, from the `holidays` package.

The package takes longer to import than an answer takes, so what it says of a country and a year is cached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, timedelta
from functools import cache

from kpi_core.cache import cached
from kpi_core.frozen_dataclass import frozen

Days = tuple[date, date]
"""Half-open."""
ONE_DAY = timedelta(days=1)
NEW_YEAR = ("Korean New Year", "Chinese New Year", "Lunar New Year")
AUTUMN = ("Chuseok", "Mid-Autumn")
EASTER = ("Good Friday", "Easter")


@frozen
class Moving:
    """A feast whose date differs by weeks from year to year: a month may hold it or not."""

    names: tuple[str, ...]
    """Parts of the English names in the holidays package."""
    words: Mapping[str, str] = field(default_factory=dict)
    """A word of `FEAST_WORDS` for it, by country; that of "" for all others."""
    country: str | None = None
    elsewhere: tuple[str, ...] = ()
    """Countries that keep it by another name of this table."""
    runs: bool = False
    """Whether it goes by its longest run of days off; others have their own days alone."""


# By their names in `locale/`.
MOVING: Mapping[str, Moving] = {
    "seollal": Moving(NEW_YEAR, {"": "설"}, country="KR", runs=True),
    "spring_festival": Moving(NEW_YEAR, {"": "lunar new year", "TW": "春節"}, elsewhere=("KR",), runs=True),
    "chuseok": Moving(AUTUMN, {"": "추석"}, country="KR", runs=True),
    "mid_autumn": Moving(("Mid-Autumn",), {"": "mid autumn", "TW": "中秋"}, elsewhere=("KR",), runs=True),
    "dragon_boat": Moving(("Dragon Boat",), {"TW": "端午"}),
    "easter": Moving(EASTER, {"": "easter"}),
    "eid_al_fitr": Moving(("Eid al-Fitr",)),
    "eid_al_adha": Moving(("Eid al-Adha",)),
    "diwali": Moving(("Diwali",)),
    "passover": Moving(("Pesach",)),
    "rosh_hashanah": Moving(("Rosh Hashanah",)),
}
_EASTER_UNMARKED = ("US", "MX")
"""Countries that keep Easter without a public holiday."""


def runs_of(name: str, country: str, year: int) -> list[Days]:
    """When a country keeps a moving feast in a year: once, seldom twice, or never."""
    return [(start, end) for which, start, end in _moving_days(country, year) if which == name]


@cache
def _moving_days(country: str, year: int) -> tuple[tuple[str, date, date], ...]:
    """All moving feasts of a country in a year, cached for other processes."""
    return cached("feasts", f"{country} {year}", lambda: tuple(_moving_runs(country, year)))


def _moving_runs(country: str, year: int) -> Iterator[tuple[str, date, date]]:
    for name, moving in MOVING.items():
        if moving.country not in {None, country} or country in moving.elsewhere:
            continue
        # Poland's calendar names Easter Sunday itself, which these countries' do not.
        source_country = "PL" if name == "easter" and country in _EASTER_UNMARKED else country
        named = [
            (day, day_name)
            for day, day_name in named_days(source_country, year)
            if any(part in day_name for part in moving.names)
        ]
        if not named:
            continue
        if name == "easter":
            sunday = _easter_sunday(*named[0])
            yield name, sunday - 2 * ONE_DAY, sunday + 2 * ONE_DAY
        elif moving.runs:
            yield name, *longest_run([day for day, _ in named])
        else:
            # A feast of some days may come twice in a solar year (Eid), so runs far apart stay apart.
            yield from (
                (name, *run) for run in _close_runs([day for day, day_name in named if not in_its_stead(day_name)])
            )


def _easter_sunday(day: date, name: str) -> date:
    """Easter Sunday, from the first day that a calendar names: not all of them hold the Sunday itself."""
    return day + timedelta(days=2 if "Good Friday" in name else -1 if "Monday" in name else 0)


def _close_runs(days: list[date]) -> Iterator[Days]:
    """Runs of days with no more than a week between them."""
    run: list[date] = []
    for day in days:
        if run and day - run[-1] > timedelta(days=7):
            yield run[0], run[-1] + ONE_DAY
            run = []
        run.append(day)
    if run:
        yield run[0], run[-1] + ONE_DAY


def in_its_stead(name: str) -> bool:
    return "observed" in name or "Alternative holiday" in name


def longest_run(days: list[date]) -> Days:
    """The longest run of days without a gap, the first of equals: substitute days further off are left out."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len)
    return longest[0], longest[-1] + ONE_DAY


@cache
def named_days(country: str, year: int) -> tuple[tuple[date, str], ...]:
    """All public holidays of a year with their English names, by date; none for a country the package lacks."""
    # Read late: it takes longer to import than most answers take.
    import holidays

    if country not in holidays.list_supported_countries():
        return ()
    languages = holidays.list_localized_countries().get(country, [])
    language = "en_US" if "en_US" in languages else None
    return tuple(sorted(holidays.country_holidays(country, years=year, language=language).items()))
