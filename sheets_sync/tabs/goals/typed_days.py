"""Days and months as people type them: 2026-12-31, 31.12.2026, 12월 31일, 年底, Q4 2026, Ende Oktober, fiscal Q2.

Each reader raises `TypedError`. A day without a year is the next one, and stays the one that it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, add_months, fiscal_unit
from kpi_core.frozen_dataclass import frozen
from sheets_sync.tabs.cells import EnteredValue, day_of, text_of
from sheets_sync.tabs.typed import TypedError, locale_of

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-./年년]\s*(\d{1,2})\s*(?:[-./月월]\s*(?:(\d{1,2})\s*[日일.]?)?)?")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일])?")
_YEAR = re.compile(r"(20\d\d)\s*[年년]?\s*(?:末|底|말|연말|년말)?")
_QUARTER = (
    re.compile(r"q(?P<quarter>[1-4])\s*[-/ ]?\s*(?P<year>20\d\d)?"),
    re.compile(r"(?P<year>20\d\d)\s*[-/ 年년]?\s*q(?P<quarter>[1-4])"),
    re.compile(r"(?:(?P<year>20\d\d)\s*[年년])?\s*(?:第)?(?P<quarter>[1-4一二三四])\s*(?:분기|季度?)\s*(?:末|底|말)?"),
)
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}
_HALVES = {"상": 1, "上": 1, "하": 2, "下": 2}
_YEAR_END = frozenset(
    [
        *("year end", "year-end", "end of year", "end of the year", "eoy", "jahresende", "ende des jahres"),
        *("연말", "올해 말", "올해말", "년말", "年底", "年末", "今年底", "歲末"),
    ]
)
_END_OF = re.compile(r"^(?:(?:by|the|end of|ende)\s+)+")
_FISCAL = re.compile(
    r"\bfiscal(?:\s+year)?(?![a-z])|\bfy(?![a-z])|\bf(?=[qh][12])|\bf(?=q[34])|회계\s*(?:연도|년도)?|(?:會|会)(?:計|计)(?:年度?)?|財年|财年"
)
_FISCAL_END = re.compile(r"\s*(?:\bend|末|底|말|끝)$")
_FISCAL_YEAR = re.compile(r"(?P<year>(?:20)?\d\d)?\s*[년年]?도?")
_FISCAL_PARTS: tuple[tuple[Grain, str], ...] = (
    ("quarter", r"q(?P<part>[1-4])|(?:제|第)?\s*(?P<named>[1-4一二三四])\s*(?:분기|季度?)"),
    ("half", r"h(?P<part>[12])|(?P<named>상반기|上半年?|하반기|下半年?)"),
)
_NAMED = re.compile(
    r"(?P<day>\d{1,2})?\s*\.?\s*(?P<name>[^\W\d_]{3,})\.?\s*(?P<after>\d{1,2})?\s*,?\s*(?P<year>20\d\d)?"
)
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""2000 and 2099 as serial numbers: other numbers are no dates that people plan for."""


@frozen
class Deadlines:
    """What settles days that leave something open: the spreadsheet's locale, today, and the day that stood there."""

    locale: str
    today: date
    former: date | None = None
    calendar: Calendar = Calendar()
    """Whose fiscal year it is."""

    def next(self, month: int, day: int | None) -> date:
        """The next such day, the last of the month where none is named; the former one where that is such a day."""
        years = (self.today.year, self.today.year + 1)
        # 29 February may be three years off.
        later = (self.today.year + number for number in range(2, 5))
        days = [_whole(year, month, day) for year in (*years, *later) if day != 29 or month != 2 or _is_leap(year)]
        if self.former and self.former == _whole(self.former.year, month, min(day or 31, self.former.day)):
            return self.former
        return next(each for each in days if each >= self.today)

    def next_fiscal(self, grain: Grain, part: int) -> date:
        """The last day of the next such part of a fiscal year; the former day where that is such a day."""
        year = self.calendar.fiscal_year_of(self.today)
        if self.former:
            there = self.calendar.fiscal_year_of(self.former)
            if fiscal_unit(there, grain, part, self.calendar).last_day == self.former:
                return self.former
        units = (fiscal_unit(each, grain, part, self.calendar) for each in (year, year + 1))
        return next(unit.last_day for unit in units if unit.last_day >= self.today)


def day_typed(value: EnteredValue, deadlines: Deadlines) -> date:
    """A date, or the last day of a month, a quarter or a year."""
    number = value.get("numberValue")
    word = text_of(value)
    if not word:
        raise TypedError("no_by")
    if isinstance(number, int | float):
        if _FIRST_SERIAL <= number < _LAST_SERIAL:
            return day_of(number)
        # A year alone: as a serial number it would be a day of 1905, which nobody plans for.
        if number in range(2000, 2100):
            return date(int(number), 12, 31)
        raise TypedError("bad_by", word=word)
    text = unicodedata.normalize("NFKC", word).strip().casefold()
    try:
        day = _fiscal(text, deadlines) or _worded(text, deadlines) or _numbered(text, deadlines.locale)
    except (ValueError, IndexError, AttributeError, StopIteration) as error:
        raise TypedError("bad_by", word=word) from error
    return day


def month_typed(value: EnteredValue, locale: str, end: date) -> date | None:
    """The first day of the month that a title names; None for other words. Without a year the last one up to `end`."""
    number = value.get("numberValue")
    if isinstance(number, int | float):
        return day_of(number).replace(day=1) if _FIRST_SERIAL <= number < _LAST_SERIAL else None
    text = unicodedata.normalize("NFKC", text_of(value)).strip().casefold()
    try:
        if (match := _YEAR_FIRST.fullmatch(text)) and not match[3]:
            return date(int(match[1]), int(match[2]), 1)
        if (match := _MONTH_DAY.fullmatch(text)) and not match[2]:
            return _up_to(end, int(match[1]))
        match = _NAMED.fullmatch(text)
        month = month_names(locale).get(match["name"]) if match and not (match["day"] or match["after"]) else None
        if match is None or month is None:
            return None
        return date(int(match["year"]), month, 1) if match["year"] else _up_to(end, month)
    except ValueError:
        return None


def last_day(first: date) -> date:
    """The last day of a month, of any day in it."""
    return add_months(first.replace(day=1), 1) - timedelta(days=1)


@cache
def month_names(locale: str) -> Mapping[str, int]:
    """The months' names, long and short, in English, Korean, Chinese, German and the spreadsheet's language."""
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for each in ("en", "de", "ko", "zh_Hant_TW", locale_of(locale)):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                months = get_month_names(width, context, each)
                names |= {str(name).casefold().rstrip("."): number for number, name in months.items()}
    return names


def _fiscal(text: str, deadlines: Deadlines) -> date | None:
    """The last day of a fiscal year, half or quarter, with its year or the next one; None for other words."""
    rest, count = _FISCAL.subn(" ", re.sub(_END_OF, "", text), count=1)
    if not count:
        return None
    rest = _FISCAL_END.sub("", " ".join(re.sub(r"[-/,]|의|的|\bof\b|\byear\b", " ", rest).split())).strip()
    if match := _FISCAL_YEAR.fullmatch(rest):
        return _fiscal_end(match["year"], "year", 1, deadlines)
    for grain, words in _FISCAL_PARTS:
        for form in (rf"(?:(?:{words})\s*{_FISCAL_YEAR.pattern})", rf"(?:{_FISCAL_YEAR.pattern}\s*(?:{words}))"):
            if match := re.fullmatch(form, rest):
                part = (match["part"] or match["named"])[0]
                number = (_CHINESE | _HALVES).get(part) or int(part)
                return _fiscal_end(match["year"], grain, number, deadlines)
    raise ValueError(text)


def _fiscal_end(year: str | None, grain: Grain, part: int, deadlines: Deadlines) -> date:
    if not year:
        return deadlines.next_fiscal(grain, part)
    return fiscal_unit(2000 + int(year) % 100, grain, part, deadlines.calendar).last_day


def _worded(text: str, deadlines: Deadlines) -> date | None:
    """A day or period with words in it; None for one of digits alone."""
    if text in _YEAR_END:
        return deadlines.next(12, 31)
    text = re.sub(_END_OF, "", text)
    if match := _YEAR.fullmatch(text):
        return date(int(match[1]), 12, 31)
    if match := _MONTH_DAY.fullmatch(text):
        return deadlines.next(int(match[1]), int(match[2]) if match[2] else None)
    for form in _QUARTER:
        if match := form.fullmatch(text):
            third = 3 * (_CHINESE.get(match["quarter"]) or int(match["quarter"]))
            return _whole(int(match["year"]), third, None) if match["year"] else deadlines.next(third, None)
    match = _NAMED.fullmatch(text)
    month = month_names(deadlines.locale).get(match["name"]) if match else None
    if match is None or month is None or (match["day"] and match["after"]):
        return None
    day = int(match["day"] or match["after"] or 0) or None
    return _whole(int(match["year"]), month, day) if match["year"] else deadlines.next(month, day)


def _numbered(text: str, locale: str) -> date:
    from babel.dates import parse_date

    if match := _YEAR_FIRST.fullmatch(text):
        return _whole(int(match[1]), int(match[2]), int(match[3]) if match[3] else None)
    if not re.fullmatch(r"[\d./\- ]+", text):
        raise ValueError(text)
    # No country writes the month first between points.
    if match := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(20\d\d)\.?", text):
        return date(int(match[3]), int(match[2]), int(match[1]))
    # Whether 3/4 is in March or in April is the spreadsheet's to say.
    return parse_date(text, locale=locale_of(locale), format="short")


def _whole(year: int, month: int, day: int | None) -> date:
    return date(year, month, day) if day else last_day(date(year, month, 1))


def _is_leap(year: int) -> bool:
    return last_day(date(year, 2, 1)).day == 29


def _up_to(end: date, month: int) -> date:
    first = date(end.year, month, 1)
    return first if first <= end else date(end.year - 1, month, 1)
