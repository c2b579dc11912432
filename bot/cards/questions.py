"""The question behind a button: the asked one with another split, resolved to dates so that it means the same later."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpi_core.periods import Period
    from kpi_core.query import Filter, MetricQuery

_PLAIN_WORD = re.compile(r"[\w.-]+")


def question_of(query: MetricQuery, *, by: str | None = None, every: str | None = None) -> str:
    """`cac 2026-10 by channel where region=kr`; `every` is daily, weekly or monthly."""
    words = [query.metric, period_words(query.period)]
    dimensions = (by,) if by else query.dimensions
    if dimensions:
        words.append("by " + ", ".join(dimensions))
    words += [_where(each) for each in query.filters]
    return " ".join([*words, every] if every else words)


def period_words(period: Period) -> str:
    """A period as the question grammar reads it whatever the day: `2026-10`, `2026-10-19..2026-11-15`."""
    start, last = period.start, period.end - timedelta(days=1)
    if start == last:
        return start.isoformat()
    if start.day == 1 and (last + timedelta(days=1)).day == 1 and (start.year, start.month) == (last.year, last.month):
        return f"{start:%Y-%m}"
    return f"{start.isoformat()}..{last.isoformat()}"


def _where(each: Filter) -> str:
    return f"where {each.dimension}=" + ",".join(_value(value) for value in each.values)


def _value(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if _PLAIN_WORD.fullmatch(value) else '"' + value.replace('"', "'") + '"'
