# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Holidays and the trade's own days. Public holidays come from the `holidays` package, read only when one is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial

from kpi_core.period_words.clock import Clock, Reading, Rule, alternatives, at
from kpi_core.period_words.month_rules import OF, YEAR, year_of
from kpi_core.periods import Period

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Feast:
    """A holiday: in which countries it runs over several days, and what its days are called there.

    `country` is the one the words themselves belong to; without it the workspace's own country is asked first.
    """

    words: tuple[str, ...]
    names: tuple[str, ...]
    """Parts of the English names in the holidays package."""
    countries: tuple[str, ...]
    country: str | None = None


_NEW_YEAR = ("Korean New Year", "Chinese New Year", "Lunar New Year")
_AUTUMN = ("Chuseok", "Mid-Autumn")
FEASTS = (
    Feast(("설", "설날", "구정", "음력설", "seollal", "korean new year"), _NEW_YEAR, ("KR",), "KR"),
    Feast(("lunar new year",), _NEW_YEAR, ("KR", "TW")),
    Feast(
        ("春節", "春节", "農曆新年", "农历新年", "農曆年", "過年", "chinese new year", "spring festival"),
        _NEW_YEAR,
        ("TW",),
        "TW",
    ),
    Feast(("추석", "한가위", "chuseok"), _AUTUMN, ("KR",), "KR"),
    Feast(("中秋", "中秋節", "中秋节"), _AUTUMN, ("TW",), "TW"),
    Feast(("mid autumn festival", "mid autumn", "moon festival"), _AUTUMN, ("KR", "TW")),
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
    (6, 18): ("618",),
}  # fmt: skip
_AFTER_THANKSGIVING: dict[int, tuple[str, ...]] = {
    1: ("black friday", "블랙프라이데이", "黑色星期五", "黑五"),
    4: ("cyber monday", "사이버먼데이", "網路星期一", "网络星期一"),
}
_TAIL = r"(?: ?(?:holidays?|weekend|day)|연휴기간|연휴|명절|당일|연휴동안|連假期間|連續假期|連假|假期|期間|春節)?"


def feast_rules() -> Iterator[Rule]:
    named = rf"(?:the )?(?P<feast>{alternatives(_makers())}){_TAIL}"
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{named}", _read)
    yield Rule(rf"{named}{OF}(?P<y>{YEAR})", _read)


@cache
def _makers() -> dict[str, partial[Period]]:
    """Words -> what makes the feast's period of a year."""
    makers = {word: partial(_public_holiday, feast=feast) for feast in FEASTS for word in feast.words}
    for (month, day), words in _FIXED_DAYS.items():
        makers |= dict.fromkeys(words, partial(_one_day, month=month, day=day))
    for days, words in _AFTER_THANKSGIVING.items():
        makers |= dict.fromkeys(words, partial(_after_thanksgiving, days=days))
    return makers


def _read(match: re.Match[str], clock: Clock) -> Reading:
    year = year_of(match["y"], clock)
    make = partial(_makers()[match["feast"]], clock=clock)
    return at(match, clock.in_year(year, make), "" if year is not None else "year")


def _one_day(year: int, month: int, day: int, clock: Clock) -> Period:  # noqa: ARG001 - the shape of a maker
    start = date(year, month, day)
    return Period(start, start + _ONE_DAY, "day")


def _after_thanksgiving(year: int, days: int, clock: Clock) -> Period:  # noqa: ARG001 - the shape of a maker
    first = date(year, 11, 1)
    thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    start = thanksgiving + timedelta(days=days)
    return Period(start, start + _ONE_DAY, "day")


def _public_holiday(year: int, feast: Feast, clock: Clock) -> Period:
    """The run of days that carry the feast's name. ValueError where no calendar asked has it."""
    own = clock.calendar.holidays
    asked = (feast.country,) if feast.country else (own, *feast.countries) if own else feast.countries
    for country in asked:
        days = [day for day, name in _named_days(country, year) if any(part in name for part in feast.names)]
        if days:
            return _longest_run(days)
    raise ValueError("no such holiday")


def _longest_run(days: list[date]) -> Period:
    """The longest run of days without a gap, the first of equals: substitute days further off are left out."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == _ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len)
    return Period(longest[0], longest[-1] + _ONE_DAY, "day" if len(longest) == 1 else "span")


@cache
def _named_days(country: str, year: int) -> tuple[tuple[date, str], ...]:
    """All public holidays of a year with their English names, by date; none for a country the package lacks."""
    import holidays

    if country not in holidays.list_supported_countries():
        return ()
    languages = holidays.list_localized_countries().get(country, [])
    language = "en_US" if "en_US" in languages else None
    return tuple(sorted(holidays.country_holidays(country, years=year, language=language).items()))
