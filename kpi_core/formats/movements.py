"""How a value moved, in words: changes, their basis, their cells."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import (
    TIMES_FROM,
    decimal_of,
    number_text,
    points_text,
    ratio_text,
    rounded_to,
    shown_unit,
    value_text,
)
from kpi_core.formats.periods import pair_labels, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.answers import Change
    from kpi_core.dates.periods import Period
    from kpi_core.metrics import Metric


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


def comparison_text(change: Change, metric: Metric, language: str, currency: str, headline: Period) -> str:
    """The movement with what it is held against: "▲ 5.5 % (worse) against September 2026, $39.1".

    `headline` is the period of the headline; where only its complete days are compared, they are named.
    """
    moved = change_text(change, metric, language, currency)
    if change.change is None or (change.verdict is None and change.notice):
        return moved
    other = value_text(change.value, metric, currency, language)
    same = change.verdict == "same" or change.change == 0
    if same_days(change.compared, headline):
        period = period_label(change.period, language)
        key = "change.same_as" if same else "change.against"
        if shown_unit(metric, language) == "percent" and not same:
            key = "change.against_shown"
        return say(language, key, movement=moved, period=period, value=other)
    current = value_text(change.current, metric, currency, language)
    first, second = pair_labels(change.compared, change.period, language)
    return say(language, "change.of_days", movement=moved, days=first, current=current, period=second, value=other)


def basis_text(change: Change, language: str, headline: Period) -> str:
    """What a change is held against: "against September 2026", "1-21 November against 1-21 October"."""
    if same_days(change.compared, headline):
        return say(language, "change.basis", period=period_label(change.period, language))
    first, second = pair_labels(change.compared, change.period, language)
    return say(language, "change.basis_of_days", days=first, period=second)


def signed_percent(ratio: float, language: str) -> str:
    """A relative change for a table: "+5.5 %", "-3.0 %", "×3.2"."""
    if ratio > TIMES_FROM:
        return f"×{number_text(ratio_text(1 + ratio, 'headline'), language)}"
    return _sign(ratio) + _one_decimal_percent(abs(ratio), language)


def change_cell(change: Change, metric: Metric, language: str, currency: str) -> str:
    """The movement alone, signed, for a table cell; "–" where it cannot be told."""
    if change.change is None:
        return "–"
    if shown_unit(metric, language) in {"percent", "score"}:
        return _sign(change.change) + points_text(abs(change.change), metric, language)
    if change.change_ratio is not None:
        return signed_percent(change.change_ratio, language)
    return _sign(change.change) + value_text(abs(change.change), metric, currency, language)


def same_days(one: Period, other: Period) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _movement(change: Change, metric: Metric, language: str, currency: str) -> str:
    assert change.change is not None
    arrow = "▲" if change.change > 0 else "▼"
    if shown_unit(metric, language) == "percent":
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
    before, after, moved = (decimal_of(part) * 100 for part in (change.value, change.current, change.change))
    places, rounded = 1, rounded_to(moved, 1)
    # Below one point, a decimal or two may show no change at all.
    for finer in (1, 2) if abs(moved) >= 1 else (1, 2, 3, 4):
        exact = rounded_to(moved, finer)
        adds_up = rounded_to(after, finer) - rounded_to(before, finer) == exact
        if adds_up and abs(exact - moved) * 10 <= abs(moved):
            places, rounded = finer, exact
            break
    first, last = (
        say(language, "value.percent", number=number_text(rounded_to(rate, places), language))
        for rate in (before, after)
    )
    points = say(language, "value.percentage_points", number=number_text(abs(rounded), language))
    return f"{first} → {last}, {_sign(change.change)}{points}"


def _one_decimal_percent(ratio: float, language: str) -> str:
    exact = decimal_of(ratio) * 100
    # "0.0 %" would say that nothing moved.
    if 0 < exact < Decimal("0.05"):
        return "<" + say(language, "value.percent", number=number_text(Decimal("0.1"), language))
    return say(language, "value.percent", number=number_text(rounded_to(exact, 1), language))


def _sign(value: float) -> str:
    return "+" if value > 0 else "-" if value < 0 else "±"
