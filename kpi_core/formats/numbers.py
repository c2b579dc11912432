"""Numbers, movements and dates as a reader's language writes them (CLDR, through Babel). Pure.

    value_text(12381234, metric, "KRW", "ko")             ₩1,238만
    value_text(12381234, metric, "KRW", "ko", "exact")    ₩12,381,234
    change_text(change, metric, "en", "USD")              ▲ 5.5% (worse)
    period_label(period, "en")                            October 2026

Stored rates are fractions; percent is made here. None is said as "no data", never as 0.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Literal

from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpi_core.metrics import Metric

Style = Literal["headline", "exact", "axis"]
"""`headline`: 3 significant digits, compact from 5 digits on. `exact`: for tables. `axis`: as short as can be."""
COMPACT_FROM = 10_000
TIMES_FROM = 2.0
"""A rise above this ratio is said as "×3.2": "+220.0 %" is hard to picture."""
MOST_PLACES = 6
BABEL_LOCALES = {"en": "en", "ko": "ko", "zh-TW": "zh_Hant_TW"}
_MYRIADS = frozenset({"ko", "zh-TW"})
_LAST_ZEROS = re.compile(r"(?<=\d)\.0+(?!\d)")
_LONG_DIGITS = re.compile(r"(?<![\d.,])\d{4,}")


def value_text(value: float | None, metric: Metric, currency: str, language: str, style: Style = "headline") -> str:
    """A value of `metric`; "no data" for None."""
    unit = shown_unit(metric, language)
    return amount_text(value, unit, currency, language, style, duration_unit=metric.duration_unit)


def shown_unit(metric: Metric, language: str) -> str:
    """What readers of a language write the value in: its unit; of some ratios percent, or what they count."""
    if metric.unit != "ratio":
        return metric.unit
    return "percent" if language in metric.percent_in else metric.ratio_of or "ratio"


def amount_text(  # noqa: PLR0913 - a number and all that decides how it is written
    value: float | None,
    unit: str,
    currency: str,
    language: str,
    style: Style = "headline",
    *,
    duration_unit: str | None = None,
) -> str:
    """A value of a unit of `shown_unit`; `duration_unit` says what a duration is counted in."""
    if value is None or not isfinite(value):
        return say(language, "value.no_data")
    match unit:
        case "currency":
            return _currency_text(value, currency, language, style)
        case "percent":
            return percent_text(value, language, style)
        case "ratio" | "times" | "pages":
            words = "value.times" if unit == "ratio" else f"value.counted_{unit}"
            return say(language, words, number=number_text(ratio_text(value, style), language))
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
    return worth_text(value, metric, currency, language, style)


def worth_text(value: float | None, metric: Metric, currency: str, language: str, style: Style = "headline") -> str:
    """What a KPI was; of a difference, a limit or the end of a range it is `value_text` that tells.

    A cost per something that cost nothing is said to be that: "$0.00" would look like the cheapest of all.
    """
    if value == 0 and metric.is_cost_of_one:
        return say(language, "value.no_cost")
    return value_text(value, metric, currency, language, style)


def gap_text(gap: float, target: float, metric: Metric, currency: str, language: str) -> str:
    """How far a value lies from its target, without sign, in as many decimals as the target's headline shows."""
    distance = abs(gap)
    if metric.unit == "score" or shown_unit(metric, language) == "percent":
        return points_text(distance, metric, language)
    if metric.unit == "currency" and abs(target) < COMPACT_FROM:
        headline = _money(decimal_of(target), _currency_digits(currency), "headline")
    elif metric.unit == "ratio":
        headline = ratio_text(target, "headline")
    else:
        return value_text(distance, metric, currency, language, "axis")
    rounded = float(rounded_to(decimal_of(distance), _kept_places(headline)))
    # Below one unit of money the cents count: "$0.82", not "$0.80".
    return value_text(rounded if rounded >= 1 else distance, metric, currency, language, "axis")


def told_apart(value: float, target: float, metric: Metric, currency: str, language: str) -> tuple[str, str]:
    """A value and its target, in as many digits as it takes to see that they are not the same: 39.96 and 40."""
    texts = ("", "")
    for style in ("headline", "exact"):
        texts = (
            worth_text(value, metric, currency, language, style),
            worth_text(target, metric, currency, language, style),
        )
        if value == target or not _same_number(*texts):
            return texts
    return texts


def _same_number(one: str, other: str) -> bool:
    """Whether two texts of one unit say the same number: "$40.0" and "$40"."""
    plain = [_LAST_ZEROS.sub("", text) for text in (one, other)]
    return plain[0] == plain[1]


def percent_text(fraction: float, language: str, style: Style = "headline") -> str:
    """0.0312 as "3.12%": 3 significant digits; two decimals where it is exact."""
    exact = decimal_of(fraction) * 100
    places = places_of(exact, 2 if style == "axis" else 3)
    if style == "exact":
        places = max(places, 2)
    return say(language, "value.percent", number=number_text(stripped(rounded_to(exact, places)), language))


def _currency_text(value: float, currency: str, language: str, style: Style) -> str:
    from babel.numbers import format_compact_currency, format_currency

    exact, locale = decimal_of(value), BABEL_LOCALES.get(language, "en")
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
        number = stripped(rounded_to(exact, max(digits, places_of(exact, 2))), keep=digits)
        return rounded_to(number, 0) if number == number.to_integral_value() else number
    places = min(places_of(exact, 2 if style == "axis" else 3), digits)
    return stripped(rounded_to(exact, max(places, places_of(exact, 2))), keep=places)


def _count_text(value: float, language: str, style: Style) -> str:
    from babel.numbers import format_compact_decimal

    exact = decimal_of(value)
    if style != "exact" and round(abs(exact)) >= COMPACT_FROM:
        rounded, places = _compact(exact, language, style)
        return _grouped(
            format_compact_decimal(rounded, locale=BABEL_LOCALES.get(language, "en"), fraction_digits=places)
        )
    places = places_of(exact, 2 if style == "axis" else 3)
    return number_text(stripped(rounded_to(exact, max(2, places) if style == "exact" else places)), language)


def ratio_text(value: float, style: Style) -> Decimal:
    exact = decimal_of(value)
    places = 2 if style == "exact" or abs(exact) < 1 else 1
    return rounded_to(exact, max(places, places_of(exact, 2)) if exact and abs(exact) < 1 else places)


def _duration_text(value: float, counted_in: str, language: str, style: Style) -> str:
    if counted_in != "seconds":
        exact = decimal_of(value)
        places = 2 if style == "exact" else min(1, places_of(exact, 3))
        rounded = stripped(rounded_to(exact, places))
        key = "value.one_" if rounded == 1 else "value.many_"
        return say(language, key + counted_in, number=number_text(rounded, language))
    seconds = decimal_of(value)
    if abs(seconds) < 60:
        rounded = stripped(rounded_to(seconds, min(1, places_of(seconds, 3))))
        return say(language, "value.many_seconds", number=number_text(rounded, language))
    minutes, rest = divmod(int(rounded_to(abs(seconds), 0)), 60)
    sign = "-" if seconds < 0 else ""
    hours, minutes = divmod(minutes, 60)
    if hours:
        return sign + say(language, "value.hours_minutes", hours=hours, minutes=minutes)
    return sign + say(language, "value.minutes_seconds", minutes=minutes, seconds=rest)


def number_text(number: Decimal, language: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(number, _pattern("#,##0", number), locale=BABEL_LOCALES.get(language, "en"))


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


def decimal_of(value: float) -> Decimal:
    # By its shortest text: 0.1 as people write it, not the binary number beside it.
    return Decimal(repr(float(value))) + 0  # + 0 turns -0.0 into 0


def places_of(exact: Decimal, significant: int) -> int:
    """How many decimals show so many significant digits; 0 once the whole part alone has them."""
    if not exact:
        return 0
    places = min(MOST_PLACES, max(0, significant - 1 - exact.adjusted()))
    # 9.996 becomes 10.00, which has a digit more before the point and needs one less behind it.
    carried = rounded_to(exact, places).adjusted() > exact.adjusted()
    return max(0, places - 1) if carried else places


def rounded_to(exact: Decimal, places: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def stripped(number: Decimal, keep: int = 0) -> Decimal:
    """Without zeros at the end of its decimals, but for the first `keep`."""
    least = rounded_to(number, keep)
    return least if least == number else rounded_to(number, _kept_places(number.normalize()))


@cache
def _currency_digits(currency: str) -> int:
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


def points_text(difference: float, metric: Metric, language: str) -> str:
    """A difference of rates in percentage points, of scores in points."""
    if shown_unit(metric, language) == "percent":
        points = decimal_of(difference) * 100
        rounded = stripped(rounded_to(points, max(1, places_of(points, 2))), keep=1)
        return say(language, "value.percentage_points", number=number_text(rounded, language))
    return say(language, "value.points", number=number_text(stripped(rounded_to(decimal_of(difference), 1)), language))
