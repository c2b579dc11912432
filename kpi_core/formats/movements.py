"""How a value moved, in words: changes, their basis, their cells."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import (
    TIMES_FROM,
    decimal_of,
    number_text,
    places_of,
    points_text,
    ratio_text,
    rounded_to,
    shown_unit,
    value_text,
    worth_text,
)
from kpi_core.formats.periods import date_text, pair_labels, period_label, weekday_text
from kpi_core.phrases import say

_REMARKS = frozenset({
    "notice.short_past", "notice.zero_base", "notice.elapsed_only", "notice.same_weeks", "notice.holiday_moved",
    "notice.no_moving_holiday", "notice.corrected",
})  # fmt: skip
"""What may stand beside a movement; any other notice stands in its place where there is no verdict."""

if TYPE_CHECKING:
    from kpi_core.answers import Change
    from kpi_core.dates.periods import Period
    from kpi_core.deliveries.restatements import Restatement
    from kpi_core.metrics import Metric


def change_text(change: Change, metric: Metric, language: str, currency: str = "") -> str:
    """How the value moved and whether that is good: "▲ 5.5% (worse)", "-6.4%, within its usual swing of ±9%".

    Where nothing can be compared, the sentence that says why. An amount stands in for a percentage that would mislead.
    """
    if is_withheld(change):
        return notice_text(change.notice, language, metric) if change.notice else say(language, "change.none")
    if change.verdict == "same":
        return usual_text(change, metric, language, currency)
    movement = _movement(change, metric, language, currency)
    if change.verdict in {"better", "worse"}:
        if usual := _other_course(change):
            return say(language, f"change.{change.verdict}_days", movement=movement, days=_days_text(usual, language))
        return say(language, f"change.{change.verdict}", movement=movement)
    return movement


def comparison_text(change: Change, metric: Metric, language: str, currency: str, headline: Period) -> str:
    """The movement with what it is held against: "▲ 5.5% (worse) against September 2026, $39.1".

    `headline` is the period of the headline; where only its complete days are compared, they are named.
    """
    moved = change_text(change, metric, language, currency)
    if is_withheld(change):
        base = base_text(change, metric, language, currency)
        return moved if base is None else say(language, "change.base_beside", reason=moved, base=base)
    other = worth_text(change.value, metric, currency, language)
    if same_days(change.compared, headline):
        period = period_label(change.period, language)
        key = "change.same_as" if change.verdict == "same" and _course(change) is None else "change.against"
        if shown_unit(metric, language) == "percent":
            key += "_shown"
        return say(language, key, movement=moved, period=period, value=other)
    current = worth_text(change.current, metric, currency, language)
    first, second = pair_labels(change.compared, change.period, language)
    return say(language, "change.of_days", movement=moved, days=first, current=current, period=second, value=other)


def base_text(change: Change, metric: Metric, language: str, currency: str) -> str | None:
    """What the other period came to, where nothing of the asked one is complete: "26 November 2026: $2,742"."""
    if change.change is not None or change.value is None or change.notice is None:
        return None
    if change.notice.key != "notice.nothing_complete":
        return None
    other = worth_text(change.value, metric, currency, language)
    return say(language, "change.base", period=period_label(change.period, language), value=other)


def is_withheld(change: Change) -> bool:
    """Whether a sentence stands in for the movement: there is none, or its verdict is withheld for a reason."""
    return change.change is None or (
        change.verdict is None and change.notice is not None and change.notice.key not in _REMARKS
    )


def usual_text(change: Change, metric: Metric, language: str, currency: str) -> str:
    """A movement that is no news, and how far the KPI moves by itself: "-6.4%, within its usual swing of ±9%"."""
    movement = _signed(change, metric, language, currency)
    if usual := _course(change):
        return say(language, "change.same_days", movement=movement, days=_days_text(usual, language))
    if change.usual is None or _is_any(change):
        return say(language, "change.usual", movement=movement)
    return say(language, "change.same", movement=movement, swing=swing_text(change, metric, language, currency))


def _is_any(change: Change) -> bool:
    """Whether the value moves by as much as itself: a swing of ±250% tells a reader nothing."""
    assert change.usual is not None
    limit = change.usual[1] if (change.change or 0) >= 0 else change.usual[0]
    return change.value is not None and abs(limit - change.value) >= abs(change.value)


def swing_text(change: Change, metric: Metric, language: str, currency: str) -> str:
    """How far the value may move to the side it moved to without being news, in the unit of its movement."""
    assert change.usual is not None
    assert change.value is not None
    limit = change.usual[1] if (change.change or 0) >= 0 else change.usual[0]
    if moves_by_points(metric, language):
        return points_text(abs(limit - change.value), metric, language)
    if change.change_ratio is None:
        return value_text(abs(limit - change.value), metric, currency, language)
    exact = decimal_of(abs(limit / change.value - 1)) * 100
    whole = rounded_to(exact, 0)
    # Whole percents, unless the movement within would then look larger than its swing.
    fits = whole >= 1 and whole >= rounded_to(decimal_of(abs(change.change_ratio)) * 100, 1)
    return say(language, "value.percent", number=number_text(whole if fits else rounded_to(exact, 1), language))


def basis_text(change: Change, language: str, headline: Period) -> str:
    """What a change is held against: "against September 2026", "1-21 November against 1-21 October"."""
    if same_days(change.compared, headline):
        return say(language, "change.basis", period=period_label(change.period, language))
    first, second = pair_labels(change.compared, change.period, language)
    return say(language, "change.basis_of_days", days=first, period=second)


def signed_percent(ratio: float, language: str) -> str:
    """A relative change for a table: "+5.5%", "-3.0%", "×3.2"; without sign where it rounds to nothing."""
    if ratio > TIMES_FROM:
        return f"×{number_text(ratio_text(1 + ratio, 'headline'), language)}"
    sign = "" if rounded_to(decimal_of(ratio) * 100, 1) == 0 else _sign(ratio)
    return sign + _one_decimal_percent(abs(ratio), language)


def change_cell(change: Change, metric: Metric, language: str, currency: str) -> str:
    """The movement alone, signed, for a table cell; "–" where it cannot be told."""
    if change.change is None:
        return "–"
    if moves_by_points(metric, language):
        return _signed_points(change, metric, language)
    return _signed(change, metric, language, currency)


def moves_by_points(metric: Metric, language: str) -> bool:
    """Whether a change is a difference, and no share of what was before."""
    return shown_unit(metric, language) in {"percent", "score"}


def shown_difference(change: Change, metric: Metric, language: str) -> Decimal:
    """The difference of rates in percentage points, of scores in points, as the two ends are shown: it adds up."""
    assert change.change is not None
    if change.value is None or change.current is None:
        exact = decimal_of(change.change) * (100 if shown_unit(metric, language) == "percent" else 1)
        return rounded_to(exact, max(1, places_of(exact, 2)))
    if shown_unit(metric, language) == "percent":
        _places, before, after = _shown_rates(change.value, change.current)
        return after - before
    before, after = (rounded_to(end, places_of(end, 3)) for end in map(decimal_of, (change.value, change.current)))
    return after - before


def same_days(one: Period, other: Period) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _movement(change: Change, metric: Metric, language: str, currency: str) -> str:
    assert change.change is not None
    if change.change == 0:
        return _signed(change, metric, language, currency)
    return f"{'▲' if change.change > 0 else '▼'} {_distance(change, metric, language, currency)}".rstrip()


def _distance(change: Change, metric: Metric, language: str, currency: str) -> str:
    """How far the value moved, without a sign; rates with both of their ends."""
    assert change.change is not None
    if shown_unit(metric, language) == "percent":
        return _rates_text(change, metric, language)
    if metric.unit == "score":
        return _points(abs(shown_difference(change, metric, language)), metric, language)
    if change.change_ratio is None:
        if metric.unit == "currency" and not currency:
            return notice_text(change.notice, language) if change.notice else ""
        return value_text(abs(change.change), metric, currency, language)
    if change.change_ratio > TIMES_FROM:
        return signed_percent(change.change_ratio, language)
    return _one_decimal_percent(abs(change.change_ratio), language)


def _signed(change: Change, metric: Metric, language: str, currency: str) -> str:
    """The movement with a sign for its arrow; rates with both of their ends."""
    assert change.change is not None
    if shown_unit(metric, language) == "percent":
        return _rates_text(change, metric, language)
    if metric.unit == "score":
        return _signed_points(change, metric, language)
    if change.change_ratio is not None:
        return signed_percent(change.change_ratio, language)
    return _sign(change.change) + value_text(abs(change.change), metric, currency, language)


def _rates_text(change: Change, metric: Metric, language: str) -> str:
    """Such as "3.1% → 3.6%, +0.5 pp"."""
    points = _signed_points(change, metric, language)
    if change.value is None or change.current is None:
        return points
    places, *ends = _shown_rates(change.value, change.current)
    first, last = (
        say(language, "value.percent", number=number_text(rounded_to(rate, places), language)) for rate in ends
    )
    return f"{first} → {last}, {points}"


def _shown_rates(value: float, current: float) -> tuple[int, Decimal, Decimal]:
    """Both ends in percent, in as few decimals as tell their difference to a tenth; one where it is a large one."""
    before, after = (decimal_of(part) * 100 for part in (value, current))
    moved = after - before
    places, first, last = 1, before, after
    # Below one point, a decimal or two may show no change at all.
    for places in (1, 2) if abs(moved) >= 1 else (1, 2, 3, 4):
        first, last = rounded_to(before, places), rounded_to(after, places)
        if abs(last - first - moved) * 10 <= abs(moved):
            break
    return places, first, last


def _signed_points(change: Change, metric: Metric, language: str) -> str:
    points = shown_difference(change, metric, language)
    return _sign(float(points)) + _points(abs(points), metric, language)


def _points(points: Decimal, metric: Metric, language: str) -> str:
    key = "value.percentage_points" if shown_unit(metric, language) == "percent" else "value.points"
    return say(language, key, number=number_text(points, language))


def _other_course(change: Change) -> Period | None:
    """The days compared, where it was better or worse than usual for them although the value moved the other way."""
    usual = _course(change)
    if usual is None or change.value is None or change.current is None or change.usual is None:
        return None
    above = change.current > change.usual[1]
    return usual if above != (change.current > change.value) else None


def _course(change: Change) -> Period | None:
    """The days compared, where it is usual for them to differ from those they are held against."""
    if change.usual is None or change.value is None or change.usual[0] <= change.value <= change.usual[1]:
        return None
    return change.compared


def _days_text(days: Period, language: str) -> str:
    return (
        say(language, "change.weekday", weekday=weekday_text(days.start, language))
        if days.days == 1
        else say(language, "change.these_days")
    )


def _one_decimal_percent(ratio: float, language: str) -> str:
    exact = decimal_of(ratio) * 100
    # "0.0 %" would say that nothing moved.
    if 0 < exact < Decimal("0.05"):
        return "<" + say(language, "value.percent", number=number_text(Decimal("0.1"), language))
    return say(language, "value.percent", number=number_text(rounded_to(exact, 1), language))


def _sign(value: float) -> str:
    return "+" if value > 0 else "-" if value < 0 else ""


def restated_text(restated: Restatement, language: str) -> str:
    """Why a number of the past is another one by now, as far as that is known."""
    if restated.reason == "late_days" and restated.through:
        return say(language, "restated.late_days", day=date_text(restated.through, language, short=True))
    if restated.reason == "rows" and restated.sources:
        return say(language, "restated.rows_of", sources=", ".join(restated.sources))
    return say(language, f"restated.{restated.reason}")
