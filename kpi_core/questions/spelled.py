"""A query in words again: the question behind a button, resolved to dates so that it means the same later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpi_core.query import DEFAULT_COMPARISONS

if TYPE_CHECKING:
    from kpi_core.dates.periods import Period
    from kpi_core.query import Bound, BoundKind, Comparison, Filter, MetricQuery, Order

_PLAIN_WORD = re.compile(r"[\w.-]+")
_QUOTE = re.compile('["“”„‟「」『』《》«»]')
_BASES = {
    "goal": "goal",
    "previous_period": "previous period",
    "year_ago": "last year",
    "same_weekdays": "same weekdays last year",
    "same_holiday": "same holiday last year",
}
_ORDERS: dict[Order, str] = {"best": "top", "worst": "bottom", "most": "highest", "least": "lowest"}
_BOUNDS: dict[BoundKind, str] = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}
_EVERY = {
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "quarter": "quarterly",
    "half": "half yearly",
    "year": "yearly",
}
_NAMES = (
    ("month", 1, "{year}-{part:02}"),
    ("quarter", 3, "{year}-Q{part}"),
    ("half", 6, "{year}-H{part}"),
    ("year", 12, "{year}"),
)


def question_of(query: MetricQuery, *, by: str | None = None, every: str | None = None, over: bool = False) -> str:
    """`cac 2026-10 vs goal by channel where region=kr`; with `by` or `every` (daily, weekly, …) the same cut anew.

    `over` says that all days of the period have gone by.
    """
    words = [query.metric, period_words(query.period, over=over)]
    if query.comparisons != DEFAULT_COMPARISONS:
        words += [f"vs {_basis_words(comparison)}" for comparison in query.comparisons]
    dimensions = (by,) if by else query.dimensions
    if dimensions:
        words.append("by " + ", ".join(dimensions))
    words += [_where(condition) for condition in query.filters]
    if every:
        words.append(every)
    elif by is None:
        words += [_rank(query)] if query.top or query.order else []
        words += [_limit(bound) for bound in query.bounds]
        words += [_EVERY[grain] for grain in (query.grain, query.cut_by) if grain]
    return " ".join(words)


def _rank(query: MetricQuery) -> str:
    words = _ORDERS[query.order or "best"]
    return f"{words} {query.top}" if query.top else words


def _limit(bound: Bound) -> str:
    # Twelve digits: 0.29 in percent is 29, and no 28.999999999999996.
    number = f"{bound.limit * 100:.12g}%" if bound.percent else f"{bound.limit:.12g}"
    return f"{_BOUNDS[bound.kind]} {number}"


def _basis_words(comparison: Comparison) -> str:
    return period_words(comparison.period, over=True) if comparison.period else _BASES[comparison.basis]


def can_be_asked(query: MetricQuery) -> bool:
    """Whether words can say the question: a value with a quotation mark in it cannot be quoted."""
    return not any(_QUOTE.search(value or "") for condition in query.filters for value in condition.values)


def period_words(period: Period, *, over: bool) -> str:
    """A period as the question grammar reads it whatever the day: `2026-10`, `2026-W47`, `2026-10-19..2026-11-15`.

    "Month to date" moves with the day by its nature, and so do its words; one of another year or month that is `over`
    does not.
    """
    start, last = period.start, period.last_day
    if period.to_date and period.grain != "span":
        words = f"{'fiscal ' if period.fiscal or period.fiscal_year else ''}{period.grain} to date"
        return f"{words} {last.isoformat()}" if over else words
    # ISO's name for a week is one from Monday to Sunday; any other is said by its dates.
    if period.grain == "week" and period.days == 7 and start.weekday() == 0:
        return "{}-W{:02}".format(*start.isocalendar())
    for grain, months, name in _NAMES:
        if period.grain == grain and _is_months(period, months) and (start.month - 1) % months == 0:
            return name.format(year=start.year, part=(start.month - 1) // months + 1)
    return start.isoformat() if start == last else f"{start.isoformat()}..{last.isoformat()}"


def _is_months(period: Period, count: int) -> bool:
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    return period.start.day == 1 and period.end.day == 1 and months == count


def _where(condition: Filter) -> str:
    return f"where {condition.dimension}{'!=' if condition.excludes else '='}" + ",".join(
        _value(value) for value in condition.values
    )


def _value(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if _PLAIN_WORD.fullmatch(value) else f'"{value}"'
