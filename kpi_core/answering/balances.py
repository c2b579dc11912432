"""Balances kept as snapshots: whose last row is how old when a period ends, and who is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kpi_core.answering.layout import ONE_DAY, Context
from kpi_core.dates.periods import Days, Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Code, Finding, Health
from kpi_core.metrics import Catalog, Measure, Model
from kpi_core.query import Filter
from kpi_core.sql.plan import Group, Need

MISSED_FOR = timedelta(days=366)
"""A member that has been silent for longer has ended, and nobody misses it."""
_LAST = "kpi_last_"
_MOST_FINDINGS, _MOST_NAMES = 12, 5
"""Beyond which nobody reads: a shop may have stopped to count thousands of products."""


def with_last_moments(catalog: Catalog) -> Catalog:
    """The catalogue with one more measure for each balance: the last moment of which it has a value."""
    models = {name: _with_last_moments(model) for name, model in catalog.models.items()}
    return replace(catalog, models=models)


def _with_last_moments(model: Model) -> Model:
    """The same model where it has no balances: cached queries know it by its identity."""
    balances = [measure for measure in model.measures.values() if measure.last_per is not None]
    if not balances:
        return model
    added = {f"{_LAST}{measure.name}": _last_moment(model, measure) for measure in balances}
    return replace(model, measures={**model.measures, **added})


def _last_moment(model: Model, measure: Measure) -> Measure:
    return Measure(
        f"{_LAST}{measure.name}",
        "max",
        expr=model.times.get(model.time_of(measure), model.time_of(measure)),
        filter=f"({measure.expr}) is not null" if measure.expr else None,
        time=measure.time,
        carried_days=MISSED_FOR.days - 1,
    )


def days_up_to(end: date, measure: Measure) -> Days:
    """The days whose rows may stand for a balance at the end of a period."""
    assert measure.carried_days is not None
    return end - timedelta(days=measure.carried_days + 1), end


def last_moments_of(model: Model, measure: Measure, filters: tuple[Filter, ...], end: date) -> Need:
    """What tells of each member when it last had a value before the end of a period."""
    assert measure.last_per is not None
    # A measure that counts only rows in which a column is known is one of the same balance.
    name = f"{_LAST}{measure.name.partition('__known__')[0]}"
    return Need(model.name, name, (end - MISSED_FOR, end), measure.last_per, filters)


@frozen
class LastMoments:
    """Of a balance that was asked for up to an end: when each member last had a value, in the year before it."""

    model: Model
    measure: Measure
    end: date
    moments: Mapping[Group, Any]


def behind(balance: LastMoments, period: Period, context: Context, health: Health) -> Iterator[Finding]:
    """A finding for the members of a source that are as of one day."""
    model, measure, end = balance.model, balance.measure, balance.end
    due = min(end - ONE_DAY, max(period.start, context.complete_through))
    first = days_up_to(end, measure)[0]
    column = (measure.last_per or ("",))[0]
    behind: dict[tuple[date, str], list[str]] = {}
    for group, moment in balance.moments.items():
        day = context.calendar.day_of(moment)
        if day is not None and day < due:
            source = health.filled_by(model.name, column, group[0] if group else None)
            behind.setdefault((day, source), []).append(" / ".join(name or "–" for name in group) or model.name)
    for (day, source), members in sorted(behind.items(), reverse=True)[:_MOST_FINDINGS]:
        code: Code = "balance_carried" if day >= first else "balance_left_out"
        until = date.max if code == "balance_left_out" and end > context.today else end
        names = ", ".join(sorted(members)[:_MOST_NAMES])
        yield Finding(code, source, model.name, column, names, (day + ONE_DAY, until), count=len(members))
