"""Numbers, movements and dates as a reader's language writes them (CLDR, through Babel). Pure.

    value_text(12381234, metric, "KRW", "ko")             ₩1,238만
    value_text(12381234, metric, "KRW", "ko", "exact")    ₩12,381,234
    change_text(change, metric, "en", "USD")              ▲ 5.5 % (worse)
    period_label(period, "en")                            October 2026

Stored rates are fractions; percent is made here. None is said as "no data", never as 0.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from kpi_core.phrases import in_language, knows, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpi_core.answers import Change
    from kpi_core.calendars import Calendar
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.periods import Period
    from kpi_core.phrases import Notice, Param

Style = Literal["headline", "exact", "axis"]
"""`headline`: 3 significant digits, compact from 5 digits on. `exact`: for tables. `axis`: as short as can be."""

COMPACT_FROM = 10_000
TIMES_FROM = 2.0
"""A rise above this ratio is said as "×3.2": "+220.0 %" is hard to picture."""
MOST_PLACES = 6
_LOCALES = {"en": "en", "ko": "ko", "zh-TW": "zh_Hant_TW"}
_MYRIADS = frozenset({"ko", "zh-TW"})
_LONG_DIGITS = re.compile(r"(?<![\d.,])\d{4,}")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


# Numbers ------------------------------------------------------------------------------------------------------------


def value_text(value: float | None, metric: Metric, currency: str, language: str, style: Style = "headline") -> str:
    """A value of `metric`; "no data" for None."""
    return amount_text(value, metric.unit, currency, language, style, duration_unit=metric.duration_unit)


def amount_text(  # noqa: PLR0913 - a number and all that decides how it is written
    value: float | None,
    unit: str,
    currency: str,
    language: str,
    style: Style = "headline",
    *,
    duration_unit: str | None = None,
) -> str:
    """A value of a unit of `metrics.Unit`; `duration_unit` says what a duration is counted in."""
    if value is None or not isfinite(value):
        return say(language, "value.no_data")
    match unit:
        case "currency":
            return _currency_text(value, currency, language, style)
        case "percent":
            return percent_text(value, language, style)
        case "ratio":
            return say(language, "value.times", number=_number(_ratio(value, style), language))
        case "duration":
            return _duration_text(value, duration_unit or "seconds", language, style)
        case _:
            return _count_text(value, language, style)


def outcome_text(  # noqa: PLR0913 - a number and all that decides how it is written
    value: float | None,
    parts: Mapping[str, float | None],
    metric: Metric,
    currency: str,
    language: str,
    *,
    style: Style = "headline",
) -> str:
    """A value made of `parts`; "n/a" where all of them are known and yet there is no value: a division by 0."""
    if value is None and parts and all(part is not None for part in parts.values()):
        return say(language, "value.undefined")
    return value_text(value, metric, currency, language, style)


def gap_text(gap: float, target: float, metric: Metric, currency: str, language: str) -> str:
    """How far a value lies from its target, without sign, in as many decimals as the target's headline shows."""
    distance = abs(gap)
    if metric.unit in {"percent", "score"}:
        return points_text(distance, metric, language)
    if metric.unit == "currency" and abs(target) < COMPACT_FROM:
        shown = _money(_decimal(target), _currency_digits(currency), "headline")
    elif metric.unit == "ratio":
        shown = _ratio(target, "headline")
    else:
        return value_text(distance, metric, currency, language, "axis")
    rounded = float(_rounded(_decimal(distance), _kept_places(shown)))
    # Below one unit of money the cents count: "$0.82", not "$0.80".
    return value_text(rounded if rounded >= 1 else distance, metric, currency, language, "axis")


def percent_text(fraction: float, language: str, style: Style = "headline") -> str:
    """0.0312 as "3.12 %": 3 significant digits; two decimals where it is exact."""
    exact = _decimal(fraction) * 100
    places = _places(exact, 2 if style == "axis" else 3)
    if style == "exact":
        places = max(places, 2)
    return say(language, "value.percent", number=_number(_stripped(_rounded(exact, places)), language))


def _currency_text(value: float, currency: str, language: str, style: Style) -> str:
    from babel.numbers import format_compact_currency, format_currency

    exact, locale = _decimal(value), _LOCALES.get(language, "en")
    if style != "exact" and round(abs(exact)) >= COMPACT_FROM:
        rounded, places = _compact(exact, language, style)
        return _grouped(format_compact_currency(rounded, currency, locale=locale, fraction_digits=places))
    number = _money(exact, _currency_digits(currency), style)
    return format_currency(number, currency, _pattern("¤#,##0", number), locale=locale, currency_digits=False)


def _money(exact: Decimal, digits: int, style: Style) -> Decimal:
    """Rounded to what the currency counts, but never so far that less than 2 significant digits are left."""
    if exact == 0:
        return Decimal(0)
    if style == "exact":
        number = _stripped(_rounded(exact, max(digits, _places(exact, 2))), keep=digits)
        return _rounded(number, 0) if number == number.to_integral_value() else number
    places = min(_places(exact, 2 if style == "axis" else 3), digits)
    return _stripped(_rounded(exact, max(places, _places(exact, 2))), keep=places)


def _count_text(value: float, language: str, style: Style) -> str:
    from babel.numbers import format_compact_decimal

    exact = _decimal(value)
    if style != "exact" and round(abs(exact)) >= COMPACT_FROM:
        rounded, places = _compact(exact, language, style)
        return _grouped(format_compact_decimal(rounded, locale=_LOCALES.get(language, "en"), fraction_digits=places))
    places = _places(exact, 2 if style == "axis" else 3)
    return _number(_stripped(_rounded(exact, max(2, places) if style == "exact" else places)), language)


def _ratio(value: float, style: Style) -> Decimal:
    exact = _decimal(value)
    places = 2 if style == "exact" or abs(exact) < 1 else 1
    return _rounded(exact, max(places, _places(exact, 2)) if exact and abs(exact) < 1 else places)


def _duration_text(value: float, counted_in: str, language: str, style: Style) -> str:
    if counted_in != "seconds":
        exact = _decimal(value)
        places = 2 if style == "exact" else min(1, _places(exact, 3))
        shown = _stripped(_rounded(exact, places))
        key = "value.one_" if shown == 1 else "value.many_"
        return say(language, key + counted_in, number=_number(shown, language))
    seconds = _decimal(value)
    if abs(seconds) < 60:
        shown = _stripped(_rounded(seconds, min(1, _places(seconds, 3))))
        return say(language, "value.many_seconds", number=_number(shown, language))
    minutes, rest = divmod(int(_rounded(abs(seconds), 0)), 60)
    sign = "-" if seconds < 0 else ""
    hours, minutes = divmod(minutes, 60)
    if hours:
        return sign + say(language, "value.hours_minutes", hours=hours, minutes=minutes)
    return sign + say(language, "value.minutes_seconds", minutes=minutes, seconds=rest)


def _number(number: Decimal, language: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(number, _pattern("#,##0", number), locale=_LOCALES.get(language, "en"))


def _pattern(whole: str, number: Decimal) -> str:
    """A CLDR pattern that shows every digit the number has been rounded to."""
    places = _kept_places(number)
    return f"{whole}.{'0' * places}" if places else whole


def _kept_places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _compact(exact: Decimal, language: str, style: Style) -> tuple[Decimal, int]:
    """Rounded for a compact form, and the decimals it shows: 3 digits, but each one before the point of 1,238만.

    Rounding comes first, so that 999,999 turns into 1M and not into 1000K.
    """
    step = 4 if language in _MYRIADS else 3
    most = 1 if style == "axis" else 2
    places = max(0, most - exact.adjusted() % step)
    unit = exact.adjusted() - exact.adjusted() % step
    return exact.quantize(Decimal(1).scaleb(unit - places), ROUND_HALF_UP), places


def _grouped(text: str) -> str:
    """CLDR leaves 1238만 without a separator; four digits read better with one."""
    return _LONG_DIGITS.sub(lambda digits: f"{int(digits[0]):,}", text)


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value))) + 0  # + 0 turns -0.0 into 0


def _places(exact: Decimal, significant: int) -> int:
    """How many decimals show so many significant digits; 0 once the whole part alone has them."""
    if not exact:
        return 0
    places = min(MOST_PLACES, max(0, significant - 1 - exact.adjusted()))
    carried = _rounded(exact, places).adjusted() > exact.adjusted()
    return max(0, places - 1) if carried else places


def _rounded(exact: Decimal, places: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def _stripped(number: Decimal, keep: int = 0) -> Decimal:
    """Without zeros at the end of its decimals, but for the first `keep`."""
    least = _rounded(number, keep)
    return least if least == number else _rounded(number, _kept_places(number.normalize()))


@cache
def _currency_digits(currency: str) -> int:
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


# Movements ----------------------------------------------------------------------------------------------------------


def change_text(change: Change, metric: Metric, language: str, currency: str = "") -> str:
    """How the value moved and whether that is good: "▲ 5.5 % (worse)".

    Where nothing can be compared, the sentence that says why. An amount stands in for a percentage that would mislead.
    """
    if change.change is None or (change.verdict is None and change.notice):
        return notice_text(change.notice, language, metric) if change.notice else say(language, "change.none")
    if change.verdict == "same" or change.change == 0:
        return say(language, "change.same")
    movement = _movement(change, metric, language, currency)
    if change.verdict in {"better", "worse"}:
        return say(language, f"change.{change.verdict}", movement=movement)
    return movement


def comparison_text(change: Change, metric: Metric, language: str, currency: str, asked: Period) -> str:
    """The movement with what it is held against: "▲ 5.5 % (worse) against September 2026, $39.1".

    `asked` is the period of the headline; where only its complete days are compared, they are named.
    """
    moved = change_text(change, metric, language, currency)
    if change.change is None or (change.verdict is None and change.notice):
        return moved
    other = value_text(change.value, metric, currency, language)
    same = change.verdict == "same" or change.change == 0
    if same_days(change.compared, asked):
        period = period_label(change.period, language)
        key = "change.same_as" if same else "change.against"
        if metric.unit == "percent" and not same:
            key = "change.against_shown"
        return say(language, key, movement=moved, period=period, value=other)
    current = value_text(change.current, metric, currency, language)
    first, second = _pair_labels(change.compared, change.period, language)
    return say(language, "change.of_days", movement=moved, days=first, current=current, period=second, value=other)


def basis_text(change: Change, language: str, asked: Period) -> str:
    """What a change is held against: "against September 2026", "1-21 November against 1-21 October"."""
    if same_days(change.compared, asked):
        return say(language, "change.basis", period=period_label(change.period, language))
    first, second = _pair_labels(change.compared, change.period, language)
    return say(language, "change.basis_of_days", days=first, period=second)


def signed_percent(ratio: float, language: str) -> str:
    """A relative change for a table: "+5.5 %", "-3.0 %", "×3.2"."""
    if ratio > TIMES_FROM:
        return f"×{_number(_ratio(1 + ratio, 'headline'), language)}"
    return _sign(ratio) + _one_decimal_percent(abs(ratio), language)


def change_cell(change: Change, metric: Metric, language: str, currency: str) -> str:
    """The movement alone, signed, for a table cell; "–" where it cannot be told."""
    if change.change is None:
        return "–"
    if metric.unit in {"percent", "score"}:
        return _sign(change.change) + points_text(abs(change.change), metric, language)
    if change.change_ratio is not None:
        return signed_percent(change.change_ratio, language)
    return _sign(change.change) + value_text(abs(change.change), metric, currency, language)


def points_text(difference: float, metric: Metric, language: str) -> str:
    """A difference of rates in percentage points, of scores in points."""
    if metric.unit == "percent":
        points = _decimal(difference) * 100
        shown = _stripped(_rounded(points, max(1, _places(points, 2))), keep=1)
        return say(language, "value.percentage_points", number=_number(shown, language))
    return say(language, "value.points", number=_number(_stripped(_rounded(_decimal(difference), 1)), language))


def same_days(one: Period, other: Period) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def notice_text(notice: Notice, language: str, metric: Metric | None = None) -> str:
    """A notice in the reader's language: dates as people write them, parts of `metric`'s formula by their names.

    `start` and `end`, the first and last day of a run, may be said together as `{period}`; `other_start` and
    `other_end` as `{other_period}`.
    """
    params = {
        name: _readable(name, in_language(value, language), language, metric) for name, value in notice.params.items()
    }
    for which in ("", "other_"):
        start, end = notice.params.get(f"{which}start"), notice.params.get(f"{which}end")
        if isinstance(start, str) and isinstance(end, str):
            first, last = date.fromisoformat(start), date.fromisoformat(end)
            params[f"{which}period"] = _days_label(first, last, language)
    return say(language, notice.key, **params)


def part_name(part: str, metric: Metric, language: str) -> str:
    """A name of the metric's formula in words; the name itself where the definition gives none."""
    given = metric.inputs.get(part)
    names = given.names if given else {}
    return names.get(language) or names.get("en") or part.rpartition(".")[2].replace("_", " ")


def dimension_name(dimension: str, language: str, catalog: Catalog | None = None) -> str:
    """A dimension in words; `catalog` knows those that a team has added."""
    if catalog is not None and dimension in catalog.dimensions:
        return catalog.dimensions[dimension].name(language)
    key = f"dimension.{dimension}"
    return say(language, key) if knows(key) else dimension.replace("_", " ")


def _movement(change: Change, metric: Metric, language: str, currency: str) -> str:
    assert change.change is not None
    arrow = "▲" if change.change > 0 else "▼"
    if metric.unit == "percent":
        return f"{arrow} {_rates_text(change, metric, language)}"
    if metric.unit == "score":
        return f"{arrow} {points_text(abs(change.change), metric, language)}"
    if change.change_ratio is None:
        if metric.unit == "currency" and not currency:
            return f"{arrow} {notice_text(change.notice, language)}" if change.notice else arrow
        return f"{arrow} {value_text(abs(change.change), metric, currency, language)}"
    if change.change_ratio > TIMES_FROM:
        return f"{arrow} {signed_percent(change.change_ratio, language)}"
    return f"{arrow} {_one_decimal_percent(abs(change.change_ratio), language)}"


def _rates_text(change: Change, metric: Metric, language: str) -> str:
    """Such as "3.1 % → 3.6 %, +0.5 pp": as few decimals as keep the sum right; one where the change is a large one."""
    assert change.change is not None
    if change.value is None or change.current is None:
        return _sign(change.change) + points_text(abs(change.change), metric, language)
    before, after, moved = (_decimal(part) * 100 for part in (change.value, change.current, change.change))
    places, shown = 1, _rounded(moved, 1)
    for finer in (1, 2) if abs(moved) >= 1 else (1, 2, 3, 4):
        exact = _rounded(moved, finer)
        adds_up = _rounded(after, finer) - _rounded(before, finer) == exact
        if adds_up and abs(exact - moved) * 10 <= abs(moved):
            places, shown = finer, exact
            break
    first, last = (
        say(language, "value.percent", number=_number(_rounded(rate, places), language)) for rate in (before, after)
    )
    points = say(language, "value.percentage_points", number=_number(abs(shown), language))
    return f"{first} → {last}, {_sign(change.change)}{points}"


def _one_decimal_percent(ratio: float, language: str) -> str:
    exact = _decimal(ratio) * 100
    if 0 < exact < Decimal("0.05"):
        return "<" + say(language, "value.percent", number=_number(Decimal("0.1"), language))
    return say(language, "value.percent", number=_number(_rounded(exact, 1), language))


def _sign(value: float) -> str:
    return "+" if value > 0 else "-" if value < 0 else "±"


def _readable(name: str, value: Param, language: str, metric: Metric | None) -> Param:
    if not isinstance(value, str):
        return value
    if name == "dimension":
        return ", ".join(dimension_name(each, language) for each in value.split(", "))
    if name == "feast":
        return say(language, f"feast.{value}")
    if name == "part" and metric is not None:
        return part_name(value, metric, language)
    return date_text(date.fromisoformat(value), language) if _ISO_DATE.fullmatch(value) else value


# Dates --------------------------------------------------------------------------------------------------------------


def period_label(period: Period, language: str, calendar: Calendar | None = None) -> str:
    """What a period is called: "October 2026", "Week 47 · 16-22 November 2026", "Q3 2026", "1-21 November 2026".

    `calendar` is needed only where the fiscal year is not the calendar year.
    """
    start, last = period.start, period.last_day
    if period.fiscal and not period.to_date:
        year, part = period.fiscal
        days = range_text(start, last, language)
        return say(language, f"date.fiscal_{period.grain}", year=year, part=part, months=days)
    if period.grain == "week" and period.days == 7 and start.weekday() == 0:
        return say(language, "date.week", week=start.isocalendar().week, days=range_text(start, last, language))
    if calendar is not None and calendar.fiscal_starts != 1 and period.grain in {"quarter", "half", "year"}:
        return _fiscal_label(period, calendar, language)
    months = (period.end.year - start.year) * 12 + period.end.month - start.month if period.end.day == 1 else 0
    if period.grain == "quarter" and months == 3 and start.month % 3 == 1:
        return say(language, "date.quarter", quarter=start.month // 3 + 1, year=start.year)
    if period.grain == "half" and months == 6 and start.month in {1, 7}:
        return say(language, f"date.half_{1 if start.month == 1 else 2}", year=start.year)
    return _days_label(start, last, language)


def _days_label(first: date, last: date, language: str) -> str:
    """Whole months by their names, a calendar year by its number, any other days one by one."""
    if first.day != 1 or (last + timedelta(days=1)).day != 1:
        return range_text(first, last, language)
    if (first.year, first.month) == (last.year, last.month):
        return _month_text(first, language)
    if first.year == last.year and (first.month, last.month) == (1, 12):
        return say(language, "date.year", year=first.year)
    return _months_text(first, last, language)


def range_text(first: date, last: date, language: str, *, year: bool = True) -> str:
    """The days from `first` to `last`, both inside: "1-21 November 2026"; without the year where it is understood."""
    if first == last:
        return date_text(first, language, year=year)
    ending = "" if year else "_short"
    if (first.year, first.month) == (last.year, last.month):
        month = month_name(first.month, language)
        key = f"date.days{ending}"
        return say(language, key, first=first.day, last=last.day, month=month, year=first.year)
    if first.year == last.year:
        days = {name: date_text(day, language, year=False) for name, day in (("first", first), ("last", last))}
        return say(language, f"date.between{ending}", year=first.year, **days)
    return say(language, "date.join", first=date_text(first, language), last=date_text(last, language))


def date_text(day: date, language: str, *, year: bool = True, short: bool = False) -> str:
    """Such as "21 November 2026"; `short` shortens the month's name where the language does."""
    month = month_name(day.month, language, short=short)
    return say(language, "date.day" if year else "date.day_short", day=day.day, month=month, year=day.year)


def axis_label(period: Period, language: str) -> str:
    """A period under a chart, at most 20 characters: "Oct 2026", "16 Nov", "Q3 2026", "P7 FY2026"."""
    if period.fiscal:
        year, part = period.fiscal
        return say(language, f"date.axis_fiscal_{period.grain}", year=year, part=part)
    if period.grain == "quarter" and period.start.month % 3 == 1:
        return say(language, "date.quarter", quarter=period.start.month // 3 + 1, year=period.start.year)
    if period.grain == "year":
        return say(language, "date.year", year=period.start.year)
    month = month_name(period.start.month, language, short=True)
    if period.grain in {"month", "quarter", "half"}:
        return say(language, "date.month", month=month, year=period.start.year)
    return say(language, "date.day_short", day=period.start.day, month=month, year=period.start.year)


@cache
def month_name(month: int, language: str, *, short: bool = False) -> str:
    from babel import Locale

    names: Any = Locale.parse(_LOCALES.get(language, "en")).months["format"]["abbreviated" if short else "wide"]
    return str(names[month])


def _month_text(day: date, language: str) -> str:
    return say(language, "date.month", month=month_name(day.month, language), year=day.year)


def _months_text(first: date, last: date, language: str) -> str:
    if first.year != last.year:
        return say(language, "date.join", first=_month_text(first, language), last=_month_text(last, language))
    months = {name: month_name(day.month, language) for name, day in (("first", first), ("last", last))}
    return say(language, "date.months", year=first.year, **months)


def _fiscal_label(period: Period, calendar: Calendar, language: str) -> str:
    start, last = period.start, period.last_day
    offset = (start.month - calendar.fiscal_starts) % 12
    begins = start.year if start.month >= calendar.fiscal_starts else start.year - 1
    year = begins + 1 if calendar.fiscal_named_by == "end" else begins
    months = _months_text(start, last, language)
    part = {"quarter": offset // 3 + 1, "half": offset // 6 + 1}.get(period.grain, 0)
    return say(language, f"date.fiscal_{period.grain}", year=year, part=part, months=months)


def _pair_labels(compared: Period, other: Period, language: str) -> tuple[str, str]:
    """The days of two periods, without their year where it is the same: it stands in the headline."""
    years = {compared.start.year, compared.last_day.year, other.start.year, other.last_day.year}
    year = len(years) > 1
    first = range_text(compared.start, compared.last_day, language, year=year)
    return first, range_text(other.start, other.last_day, language, year=year)
