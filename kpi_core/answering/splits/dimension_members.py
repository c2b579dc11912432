"""Which values a dimension has, without a number: those of the rows of some days that pass some filters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from kpi_core.answering.tables import Tables
from kpi_core.answers import Members
from kpi_core.dates.periods import Days
from kpi_core.metrics import HOUR, Measure, Model
from kpi_core.query import MembersQuery
from kpi_core.sql.plan import Bucket, Fetch, Group
from kpi_core.sql.until_now import Clock

MOST_MEMBERS = 1_000
"""So many are listed: nobody reads more."""
_ROWS = Measure("kpi_rows", "count")


def models_with(query: MembersQuery, tables: Tables, among: Collection[str]) -> list[Model]:
    """The tables that have all dimensions of the question, of those it may read."""
    names = {*query.dimensions, *(clause.dimension for clause in query.filters)}
    models = (tables.known.models[name] for name in sorted(among))
    return [model for model in models if all(_has(model, name, tables) for name in names)]


def _has(model: Model, name: str, tables: Tables) -> bool:
    if model.relation or not model.time:
        return False
    if model.told_by_time(name):
        return name != HOUR or model.time_type(model.time) == "timestamp"
    return name in model.dimensions and tables.has_column(model, name)


def members_of(query: MembersQuery, models: Sequence[Model], tables: Tables, clock: Clock) -> Members:
    """The values in the tables that are there; a row that lies ahead does not count yet."""
    query = replace(query, filters=tuple(map(tables.as_stored, query.filters)))
    groups: set[Group] = set()
    for model in models:
        if (days := _days(query, model, tables, clock)) is not None:
            groups.update(tables.groups_in(_fetch(query, model, days), _counted(model), MOST_MEMBERS + 1))
    ordered = sorted(groups, key=lambda group: [(value is None, value or "") for value in group])
    return Members(query, tuple(ordered[:MOST_MEMBERS]), more=len(ordered) > MOST_MEMBERS)


def _days(query: MembersQuery, model: Model, tables: Tables, clock: Clock) -> Days | None:
    reach = tables.coverage(model.name)
    if reach.first is None or reach.last is None:
        return None
    last = reach.last if model.plan else min(reach.last, clock.today)
    start, end = reach.first, last + timedelta(days=1)
    if query.period is not None:
        start, end = max(start, query.period.start), min(end, query.period.end)
    return (start, end) if start < end else None


def _counted(model: Model) -> Model:
    return replace(model, measures={_ROWS.name: _ROWS})


def _fetch(query: MembersQuery, model: Model, days: Days) -> Fetch:
    buckets = (Bucket(*days, True),)
    return Fetch(model.name, model.time, (_ROWS.name,), query.dimensions, query.filters, buckets, ())
