# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""The days of holidays and of the trade's own days, year by year; lunar ones from the `holidays` package, read late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.moving_feasts import (
    AUTUMN,
    EASTER,
    MOVING,
    NEW_YEAR,
    ONE_DAY,
    Days,
    in_its_stead,
    longest_run,
    named_days,
    runs_of,
)
from kpi_core.frozen_dataclass import frozen

_SATURDAY = 5
_LUNAR_SEASONS = (((1, 15), (3, 3)), ((5, 25), (7, 1)), ((9, 1), (10, 20)))
_EASTER_SEASON = (((3, 18), (4, 28)),)
# The days of a year within which all moving feasts of a country lie, half-open: (month, day).
_SEASONS = {"KR": _LUNAR_SEASONS, "TW": _LUNAR_SEASONS} | dict.fromkeys(("US", "GB", "CA", "DE", "FR"), _EASTER_SEASON)


@frozen
class Feast:
    """A holiday: in which countries it runs over several days, and what its days are called there.

    `country` is the one the words themselves belong to; without it the workspace's own country is asked first.
    """

    words: tuple[str, ...]
    names: tuple[str, ...]
    """Parts of the English names in the holidays package."""
    countries: tuple[str, ...]
    country: str | None = None

    @property
    def runs(self) -> bool:
        """Whether it goes by all days off around it; others are their own day, without the days off in its stead."""
        return self.names in (NEW_YEAR, AUTUMN)


FEASTS = (
    Feast(("설", "설날", "구정", "음력설", "seollal", "korean new year"), NEW_YEAR, ("KR",), "KR"),
    Feast(("lunar new year",), NEW_YEAR, ("KR", "TW")),
    Feast(
        (
            "春節",
            "春节",
            "農曆春節",
            "农历春节",
            "農曆新年",
            "农历新年",
            "農曆年",
            "過年",
            "chinese new year",
            "spring festival",
        ),
        NEW_YEAR,
        ("TW",),
        "TW",
    ),
    Feast(("추석", "한가위", "chuseok"), AUTUMN, ("KR",), "KR"),
    Feast(("中秋", "中秋節", "中秋节"), AUTUMN, ("TW",), "TW"),
    Feast(("mid autumn festival", "mid autumn", "moon festival"), AUTUMN, ("KR", "TW")),
    Feast(("端午", "端午節", "端午节", "dragon boat festival"), ("Dragon Boat",), ("TW",), "TW"),
    Feast(("清明", "清明節", "清明节", "掃墓節", "tomb sweeping day"), ("Tomb-Sweeping",), ("TW",), "TW"),
    Feast(("國慶", "國慶日", "雙十節"), ("National Day",), ("TW",), "TW"),
    Feast(("和平紀念日", "二二八"), ("Peace Memorial",), ("TW",), "TW"),
    Feast(("삼일절",), ("Independence Movement",), ("KR",), "KR"),
    Feast(("광복절",), ("Liberation Day",), ("KR",), "KR"),
    Feast(("개천절",), ("National Foundation",), ("KR",), "KR"),
    Feast(("한글날",), ("Hangul",), ("KR",), "KR"),
    Feast(("현충일",), ("Memorial Day",), ("KR",), "KR"),
    Feast(("석가탄신일", "부처님오신날"), ("Buddha",), ("KR",), "KR"),
    Feast(("thanksgiving", "thanksgiving day", "추수감사절", "感恩節"), ("Thanksgiving",), ("US",), "US"),
    Feast(("independence day", "4th of july", "fourth of july"), ("Independence Day",), ("US",)),
    Feast(("easter", "easter sunday", "부활절", "復活節", "复活节"), EASTER, ("PL",)),
    Feast(("labor day", "labour day"), ("Labor Day", "Labour Day"), ("US",)),
)


_FIXED_DAYS: dict[tuple[int, int], tuple[str, ...]] = {
    (12, 25): ("christmas", "christmas day", "xmas", "크리스마스", "성탄절", "기독탄신일", "聖誕", "聖誕節", "圣诞节", "耶誕", "耶誕節"),
    (12, 24): ("christmas eve", "크리스마스이브", "聖誕夜", "平安夜"),
    (12, 31): ("new years eve", "跨年", "跨年夜"),
    (1, 1): ("new years day", "new year", "new years", "신정", "새해첫날", "元旦"),
    (2, 14): ("valentines day", "valentines", "valentine", "밸런타인데이", "발렌타인데이", "情人節", "西洋情人節"),
    (3, 14): ("white day", "화이트데이", "白色情人節"),
    (10, 31): ("halloween", "핼러윈", "할로윈", "萬聖節"),
    (11, 11): ("singles day", "double11", "double eleven", "광군제", "빼빼로데이", "雙11", "雙十一", "双11", "双十一", "光棍節"),
    (12, 12): ("double12", "double twelve", "雙12", "雙十二"),
    (5, 5): ("어린이날",),
    (5, 8): ("어버이날",),
    (6, 18): ("618",),
}  # fmt: skip
_AFTER_THANKSGIVING: dict[int, tuple[str, ...]] = {
    1: ("black friday", "블랙프라이데이", "블프", "黑色星期五", "黑五"),
    4: ("cyber monday", "사이버먼데이", "網路星期一", "网络星期一"),
}
_SUNDAYS: dict[int, tuple[str, ...]] = {2: ("mothers day", "母親節", "母亲节")}
"""Which Sunday of May."""


def feast_days(word: str, year: int, calendar: Calendar) -> Days | None:
    """The days of the feast that a word of `FEAST_WORDS` names; None where no calendar asked has it that year.

    With `+` after it: with the days off in its stead ("國慶連假").
    """
    word, off = word.removesuffix("+"), word.endswith("+")
    feast = _BY_WORD.get(word)
    if feast and feast.names == EASTER:
        return _alone(_easter_of(calendar.holidays or "PL", year))
    if feast:
        return _public_holiday(feast, year, calendar, off=off or feast.runs)
    for (month, day), words in _FIXED_DAYS.items():
        if word in words:
            return _alone(date(year, month, day))
    for days, words in _AFTER_THANKSGIVING.items():
        if word in words:
            return _alone(_weekday(year, 11, 3, 4) + timedelta(days=days))
    which = next(which for which, words in _SUNDAYS.items() if word in words)
    return _alone(_weekday(year, 5, 6, which))


def is_day_off(day: date, calendar: Calendar) -> bool:
    """Whether it is a Saturday, a Sunday or a public holiday of the workspace's country."""
    return day.weekday() >= _SATURDAY or is_public_holiday(day, calendar)


def is_public_holiday(day: date, calendar: Calendar) -> bool:
    """Whether it is a public holiday of the workspace's country; never where no country is named."""
    return calendar.holidays is not None and any(
        day == holiday for holiday, _ in named_days(calendar.holidays, day.year)
    )


def feast_week_of(day: date, calendar: Calendar) -> Days:
    start = calendar.week_of(day)
    return start, start + timedelta(days=7)


def moved_feasts(one: Days, other: Days, calendar: Calendar) -> Iterator[tuple[str, Days, Days]]:
    """The feasts that two runs of days hold to unequal parts: the name of each, its days in the one's
    year and in the other's.

    Only those that move by weeks in the workspace's own country. Where all of them have their seasons, nothing is
    looked up far from these.
    """
    country = calendar.holidays
    seasons = _SEASONS.get(country or "")
    # Where everything falls into a season, days far from it cannot hold a feast: the lookup is slow, the check is
    # not.
    if country is None or (seasons and not any(_touches(days, season) for days in (one, other) for season in seasons)):
        return
    for name in MOVING:
        here, there = (_in_or_near(name, days, country) for days in (one, other))
        if here and there and _shared(here, one) != _shared(there, other):
            yield name, here, there


def moved_feast_of(days: Days, calendar: Calendar) -> str | None:
    """A word for the workspace's first moving feast that begins within a run of days."""
    for name, moving in MOVING.items():
        word = moving.words.get(calendar.holidays or "", moving.words.get("", ""))
        if word and calendar.holidays and runs_of(name, calendar.holidays, days[0].year):
            years = range(days[0].year, (days[1] - ONE_DAY).year + 1)
            runs = [run for year in years if (run := feast_days(word, year, calendar))]
            if any(days[0] <= run[0] < days[1] for run in runs):
                return word
    return None


def _touches(days: Days, season: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    """Whether a run holds a part of a season of a year, yet not the whole of it."""
    for year in range(days[0].year, days[1].year + 1):
        start, end = (date(year, *day) for day in season)
        # A run that holds a whole season holds all of its feast in any year: nothing can move out or in.
        if max(days[0], start) < min(days[1], end) and not (days[0] <= start and end <= days[1]):
            return True
    return False


def _in_or_near(name: str, days: Days, country: str) -> Days | None:
    """The moving feast in the years that a run touches: the one that shares most days with it."""
    years = range(days[0].year, (days[1] - ONE_DAY).year + 1)
    runs = [run for year in years for run in runs_of(name, country, year)]
    return max(runs, key=lambda run: _shared(run, days), default=None)


def _easter_of(country: str, year: int) -> date:
    """Easter Sunday as a country keeps it; that of Poland for one that keeps none."""
    runs = runs_of("easter", country, year) or runs_of("easter", "PL", year)
    return runs[0][0] + 2 * ONE_DAY


def _shared(one: Days, other: Days) -> int:
    return max(0, (min(one[1], other[1]) - max(one[0], other[0])).days)


def _alone(day: date) -> Days:
    return day, day + ONE_DAY


def _weekday(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


def _public_holiday(feast: Feast, year: int, calendar: Calendar, *, off: bool) -> Days | None:
    """The run of days that carry the feast's name."""
    own = calendar.holidays
    countries = (feast.country,) if feast.country else (own, *feast.countries) if own else feast.countries
    for country in countries:
        named = [(day, name) for day, name in named_days(country, year) if any(part in name for part in feast.names)]
        # All its days may bear the mark of a substitute; then they are the feast.
        days = [day for day, name in named if off or not in_its_stead(name)] or [day for day, _ in named]
        if days:
            return longest_run(days)
    return None


_BY_WORD = {word: feast for feast in FEASTS for word in feast.words}
FEAST_WORDS = (
    *_BY_WORD,
    *(word for table in (_FIXED_DAYS, _AFTER_THANKSGIVING, _SUNDAYS) for words in table.values() for word in words),
)
"""Every word that names a feast, in the plain form of `wording.py`."""
