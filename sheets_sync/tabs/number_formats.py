"""Which number format a KPI's figures wear in the Sheet, in the workspace's locale and currency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Literal

from kpi_core.formats.numbers import decimal_of, rounded_to, shown_unit
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Number, NumberFormat

_DIGITS = re.compile(r"0(\.0+)?")
_MORE_PLACES = 3
_MOST_PLACES = 4
_NO_CENTS_FROM = 1000
RELATIVE_CHANGE = NumberFormat("PERCENT", "+0.0%;-0.0%;0.0%")


def value_format(metric: Metric, currency: str, language: str) -> NumberFormat:
    """The format of the KPI's own value: a rate as percent, money with its sign, a duration with its unit."""
    match shown_unit(metric, language):
        case "percent":
            return NumberFormat("PERCENT", "0.0%")
        case "currency":
            return money_format(currency, language)
        case "count":
            return NumberFormat("NUMBER", "#,##0")
        case "ratio" | "times" | "pages" as counted:
            words = "value.times" if counted == "ratio" else f"value.counted_{counted}"
            suffix = say(language, words, number="")
            return NumberFormat("NUMBER", f'#,##0.00"{suffix if counted != "ratio" else suffix.strip()}"')
        case "duration" if metric.duration_unit:
            counted_in = say(language, f"sheet.unit.{metric.duration_unit}")
            return NumberFormat("NUMBER", f'#,##0.0"{counted_in}"')
        case _:
            return NumberFormat("NUMBER", "#,##0.0")


def with_no_cost(
    number_format: NumberFormat, metric: Metric, values: Iterable[float | None], language: str
) -> NumberFormat:
    """The format of these figures of a KPI: what cost nothing says so, in words in place of the 0 that a cell holds."""
    if not metric.is_cost_of_one or all(value != 0 for value in values):
        return number_format
    shape = number_format.pattern
    return replace(number_format, pattern=f'{shape};-{shape};"{say(language, "value.no_cost")}"')


def telling_apart(number_format: NumberFormat, value: float | None, target: float | None) -> NumberFormat:
    """The format with as many decimals as it takes to see that a value is not its target, and their difference."""
    if value is None or target is None:
        return number_format
    scale = 100 if number_format.type == "PERCENT" else 1
    digits = _DIGITS.search(number_format.pattern)
    if digits is None:
        return number_format
    places = least = len(digits[1] or ".") - 1
    one, other = (decimal_of(end * scale) for end in (value, target))
    while one != other and places < least + _MORE_PLACES and _seem_equal(one, other, places):
        places += 1
    if places == least:
        return number_format
    pattern = number_format.pattern[: digits.start()] + "0." + "0" * places + number_format.pattern[digits.end() :]
    return replace(number_format, pattern=pattern)


def without_cents(number_format: NumberFormat, values: Iterable[float | None]) -> NumberFormat:
    """The format for these amounts together: cents only where all of them are small."""
    if number_format.type != "CURRENCY" or all(abs(value or 0) < _NO_CENTS_FROM for value in values):
        return number_format
    return replace(number_format, pattern=_DIGITS.sub("0", number_format.pattern, count=1))


def gap_cell(metric: Metric, gap: float | None, number_format: NumberFormat, language: str) -> Number:
    """A gap in the unit of the two numbers it lies between, whose format is given; that of two rates in points."""
    places = len((_DIGITS.search(number_format.pattern) or [""] * 2)[1] or ".") - 1
    if shown_unit(metric, language) == "percent":
        return Number(None if gap is None else _rounded(gap * 100, places), points_format(language, places))
    shape = number_format.pattern
    return Number(gap, replace(number_format, pattern=f"+{shape};-{shape};{shape}"))


def _rounded(number: float, places: int) -> float:
    return float(rounded_to(decimal_of(number), places))


def _seem_equal(one: Decimal, other: Decimal, places: int) -> bool:
    return rounded_to(one, places) == rounded_to(other, places) or not rounded_to(one - other, places)


@cache
def money_format(currency: str, language: str) -> NumberFormat:
    """CLDR's pattern of the language with the sign and the decimals of the currency."""
    from babel import Locale
    from babel.numbers import get_currency_precision, get_currency_symbol

    locale = Locale.parse(language.replace("-", "_"))
    decimals = get_currency_precision(currency)
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    # The positive half: Sheets writes the minus by itself.
    pattern = locale.currency_formats["standard"].pattern.split(";")[0]
    # In quotes, for a sign of letters, such as NT$, would be read as part of the pattern.
    pattern = pattern.replace("#,##0.00", digits).replace("¤", f'"{get_currency_symbol(currency, locale)}"')
    return NumberFormat("CURRENCY", pattern)


def change_cell(
    metric: Metric,
    ends: tuple[float | None, float | None],
    ratio: float | None,
    language: str,
    *,
    is_news: bool = False,
) -> Number:
    """How far the KPI moved from the second to the first: points for rates, its own unit for scores, else relative.

    Points are those between the two numbers as their cells show them, and what rounds to nothing has no sign; what
    `is_news` has as many decimals as it takes not to.
    """
    scale, base = (100 if shown_unit(metric, language) == "percent" else 1), ends[1]
    if not moves_by_points(metric, language):
        scale, base, ends = 100, 0.0, (ratio, 0.0)
    if ends[0] is None or base is None:
        return Number(None, _moved_format(metric, language, 1))
    moved, places = _between(decimal_of(ends[0]) * scale, decimal_of(base) * scale, is_news=is_news)
    if not moves_by_points(metric, language):
        moved = ends[0] if moved else 0.0
    return Number(moved, _moved_format(metric, language, places))


def _moved_format(metric: Metric, language: str, places: int) -> NumberFormat:
    if shown_unit(metric, language) == "percent":
        return points_format(language, places)
    digits = f"0.{'0' * places}" + ("" if moves_by_points(metric, language) else "%")
    kind: Literal["NUMBER", "PERCENT"] = "NUMBER" if moves_by_points(metric, language) else "PERCENT"
    return NumberFormat(kind, f"+{digits};-{digits};{digits}")


def _between(now: Decimal, then: Decimal, *, is_news: bool) -> tuple[float, int]:
    """The difference of two numbers as they are shown, and with how many decimals: one, or more for news."""
    for places in range(1, _MOST_PLACES if is_news else 1):
        if difference := rounded_to(now, places) - rounded_to(then, places):
            return float(difference), places
    places = _MOST_PLACES if is_news and now != then else 1
    return float(rounded_to(now, places) - rounded_to(then, places)), places


def moves_by_points(metric: Metric, language: str) -> bool:
    """Whether a change is a difference, and no share of what was before."""
    return shown_unit(metric, language) in {"percent", "score"}


def points_format(language: str, places: int = 1) -> NumberFormat:
    """A difference of rates, given in percentage points."""
    points, digits = say(language, "sheet.unit.points"), f"0.{'0' * places}" if places else "0"
    return NumberFormat("NUMBER", f'+{digits}"{points}";-{digits}"{points}";{digits}"{points}"')
