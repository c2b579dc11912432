"""Which number format a KPI's figures wear in the Sheet, in the workspace's locale and currency."""

from __future__ import annotations

from functools import cache

from kpi_core.formats.numbers import shown_unit
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Number, NumberFormat

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
        case "ratio":
            times = say(language, "value.times", number="").strip()
            return NumberFormat("NUMBER", f'#,##0.00"{times}"')
        case "duration" if metric.duration_unit:
            unit = say(language, f"sheet.unit.{metric.duration_unit}")
            return NumberFormat("NUMBER", f'#,##0.0"{unit}"')
        case _:
            return NumberFormat("NUMBER", "#,##0.0")


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


def change_cell(metric: Metric, change: float | None, ratio: float | None, language: str) -> Number:
    """How far the KPI moved: points for rates, the KPI's own unit for scores, else relative."""
    if shown_unit(metric, language) == "percent":
        return Number(None if change is None else change * 100, points_format(language))
    if metric.unit == "score":
        return Number(change, NumberFormat("NUMBER", "+0.0;-0.0;0.0"))
    return Number(ratio, RELATIVE_CHANGE)


def moves_by_points(metric: Metric, language: str) -> bool:
    """Whether a change is a difference, and no share of what was before."""
    return shown_unit(metric, language) in {"percent", "score"}


def points_format(language: str) -> NumberFormat:
    """A difference of rates, given in percentage points."""
    points = say(language, "sheet.unit.points")
    return NumberFormat("NUMBER", f'+0.0"{points}";-0.0"{points}";0.0"{points}"')
