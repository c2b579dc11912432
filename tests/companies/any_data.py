"""Any data and any questions: random tables of every model, every KPI asked of them, and what does not agree.

One draw holds all tables and all questions, so that one plan answers every KPI at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import isclose
from random import Random

import duckdb

from kpi_core.answering.engine import Engine
from kpi_core.answering.layout import asks_for_goals, models_of
from kpi_core.answers import Answer, Change
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, Period, unit_of
from kpi_core.metrics import Column, ColumnType, Metric, Model
from kpi_core.query import Comparison, Filter, MetricQuery

from kpi_core_naive import Filters, Naive, Value, passes, worked_out
from tables import CATALOG, Row

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
COUNTED = [metric for metric in CATALOG.metrics.values() if not asks_for_goals(metric)]
"""Every KPI and variant but the one that counts goals, which reads no table of its own: its worked examples hold it."""
MEMBERS = ("search", "direct", "전단지", "a:b $b0 %s'", None)
PEOPLE = (None, *(f"p{n}" for n in range(12)))
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Asia/Kolkata")
GRAINS: tuple[tuple[Grain, ...], ...] = (("month",), ("week", "quarter"), ("day", "span", "year"))
"""Each draw asks about a period of one of each."""
EDGES = (0, 15 * 60, 4 * 60, 5 * 60, 18 * 60 + 30)
"""Minutes of a UTC day at which a local one begins in one of the zones, in summer or in winter."""
LAST_DAYS = (date(2026, 11, 26), date(2026, 11, 21), date(2026, 11, 5))
"""Of all rows: some after today, none missing, some missing."""
WORDS = {"survey": ("nps", "csat", "awareness"), "category": ("salaries", "tools", "agency")}
"""Columns whose words mean something to a definition."""
KEYS = {name for model in CATALOG.models.values() for name in model.key}


@dataclass(frozen=True)
class Drawn:
    """Random tables, and one question a KPI about them."""

    tables: Mapping[str, list[Row]]
    calendar: Calendar
    questions: list[MetricQuery]


def drawn(luck: int) -> Drawn:
    """Empty tables, empty cells, equal rows, zeros, the same people on many days, midnights, names like SQL.

    Tables hold up to 6, 25 or 60 rows of the last month, the last quarter or the last 16 months, more of late.
    """
    random = Random(luck)
    calendar = Calendar(random.choice(ZONES), random.choice(("monday", "sunday")))
    most, history, last = random.choice((6, 25, 60)), random.choice((30, 100, 490)), random.choice(LAST_DAYS)
    days = [last - timedelta(days=int(history * random.random() ** 2)) for _ in range(200)]
    # Rates are used by loads; no KPI reads them.
    models = [model for model in CATALOG.models.values() if not model.relation and model.name != "rates"]
    tables = {model.name: _rows(model, days, most, random) for model in models}
    windows = [_window(calendar, random.choice(grains), days, random) for grains in GRAINS]
    return Drawn(tables, calendar, [_question(metric, windows, random) for metric in COUNTED])


def _rows(model: Model, days: Sequence[date], most: int, random: Random) -> list[Row]:
    """Random rows of a table; one in fifteen tables is empty."""
    count = 0 if random.random() < 1 / 15 else random.randint(most // 3, most)
    rows = [
        {column.name: _cell(column, model, days, random) for column in model.columns.values()} for _ in range(count)
    ]
    if not model.key:  # a table without a key may hold the same row twice
        rows += rows[:1]
    return [row | dict.fromkeys(model.key, f"{n}") for n, row in enumerate(rows)]


def _cell(column: Column, model: Model, days: Sequence[date], random: Random) -> object:
    """A value of a column's type, empty now and then where it may be."""
    if not column.required and column.name not in model.key and random.random() < 1 / 8:
        return None
    day = random.choice(days)
    minute = random.choice((*EDGES, *(random.randrange(24 * 60) for _ in EDGES)))
    values: dict[ColumnType, object] = {
        "date": day,
        "timestamp": datetime(day.year, day.month, day.day) + timedelta(minutes=minute),
        "integer": random.randint(0, 12),
        "decimal": random.choice((0, *(random.randint(0, 99_999) / 100 for _ in range(5)))),
        "boolean": random.random() < 0.5,
        "text": random.choice(_texts(column, model)),
    }
    return values[column.type]


def _texts(column: Column, model: Model) -> Sequence[str | None]:
    if column.name in WORDS:
        return WORDS[column.name]
    if column.name in KEYS:  # of a row of another table
        return [f"{n}" for n in range(5)]
    return MEMBERS if column.name in model.dimensions else PEOPLE


Window = tuple[Period, Period]


def _window(calendar: Calendar, grain: Grain, days: Sequence[date], random: Random) -> Window:
    """A period near the rows, with any other of as many days."""
    start, against = (random.choice(days) + timedelta(days=random.randint(-3, 3)) for _ in range(2))
    span = Period(start, start + timedelta(days=random.randint(1, 40)))
    period = span if grain == "span" else unit_of(start, grain, calendar)
    return period, Period(against, against + timedelta(days=period.days))


def _question(metric: Metric, windows: Sequence[Window], random: Random) -> MetricQuery:
    """A KPI in one of the windows, by up to two dimensions, some with a filter, with the top alone, with a trend."""
    period, other = random.choice(windows)
    known = dimensions_of(metric)
    split = tuple(sorted(random.sample(known, min(random.choice((0, 0, 0, 1, 1, 1, 1, 2)), len(known)))))
    kept: tuple[Filter, ...] = ()
    if known and random.random() < 1 / 4:
        kept = (Filter(random.choice(known), tuple(random.sample(MEMBERS, random.randint(1, 2)))),)
    comparisons = (Comparison("previous_period"), Comparison("period", other))
    top = random.choice((None, None, 1, 2))
    return MetricQuery(metric.id, period, comparisons, split, kept, top, trended=random.random() < 1 / 6)


def dimensions_of(metric: Metric) -> list[str]:
    """The dimensions that every table of a KPI has."""
    models = [CATALOG.models[name] for name in models_of(metric, CATALOG)]
    return [name for name in models[0].dimensions if all(name in model.dimensions for model in models)]


@dataclass(frozen=True)
class Told:
    """A number that an answer tells, with its parts where it has any; what it is about."""

    place: str
    value: Value
    parts: Mapping[str, Value]
    period: Period
    group: Filters

    def numbers(self) -> dict[str, Value]:
        return {self.place: self.value} | {f"{self.place}, {name}": part for name, part in self.parts.items()}


def told(answer: Answer) -> Iterator[Told]:
    """All numbers of an answer: value, trend, both sides of each comparison, and the same of every group."""
    query = answer.query
    yield Told("value", answer.value, answer.parts, query.period, {})
    for point in answer.trend:
        yield Told(f"trend of {point.period.start}", point.value, {}, point.period, {})
    yield from _compared(answer.comparisons, "value", {})
    for row in answer.breakdown or ():
        group: Filters = dict(zip(query.dimensions, row.keys, strict=True))
        if row.folded and len(query.dimensions) > 1:
            continue  # no filter says "neither of these pairs"
        if row.folded:
            group = {query.dimensions[0]: _not_shown(answer)}
        yield Told(f"{group}", row.value, row.parts, query.period, group)
        yield from _compared(row.comparisons, f"{group}", group)


def _not_shown(answer: Answer, possible: Sequence[str | None] = MEMBERS) -> tuple[str | None, ...]:
    """The groups that an answer split by one dimension has no row of its own for."""
    (dimension,) = answer.query.dimensions
    shown = {row.keys[0] for row in answer.breakdown or () if not row.folded}
    allowed = [each.values for each in answer.query.filters if each.dimension == dimension]
    members = (*possible, *WORDS.get(dimension, ()))
    return tuple(each for each in members if each not in shown and all(each in values for values in allowed))


def _compared(changes: Sequence[Change], place: str, group: Filters) -> Iterator[Told]:
    for change in changes:
        if change.notice is None or change.notice.key != "notice.nothing_complete":
            yield Told(f"{place} vs {change.basis}", change.value, {}, change.period, group)
            yield Told(f"{place} beside {change.basis}", change.current, {}, change.compared, group)


def unlike(one: Sequence[Answer], other: Sequence[Answer]) -> list[str]:
    """Where two engines do not say the same."""
    wrong = []
    for ours, theirs in zip(one, other, strict=True):
        here, there = ({k: v for each in told(answer) for k, v in each.numbers().items()} for answer in (ours, theirs))
        wrong += [
            f"{_about(ours)}, {place}: {here.get(place, 'nothing')} and {there.get(place, 'nothing')}"
            for place in here | there
            if place not in here or place not in there or not alike(here[place], there[place])
        ]
    return wrong


def unlike_plain(
    answers: Sequence[Answer],
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    now: datetime = NOW,
    members: Sequence[str | None] = MEMBERS,
) -> list[str]:
    """Where answers are not what plain queries of their own say, and groups with a number that are left out."""
    wrong = []
    nobody = Naive(connection, engine.catalog, engine.settings.calendar, now, date.min)
    for answer in answers:
        naive = _yardstick(answer, nobody)
        # A table may have rows, and none whose day has come.
        has_rows = not any(notice.key.startswith("warning.table_") for notice in answer.warnings)
        readable = has_rows and engine.unavailable(answer.metric.id) is None
        kept: Filters = {each.dimension: each.values for each in answer.query.filters}
        for each in told(answer):
            plain = _plainly(each, naive, answer.metric, kept) if readable and _possible(each.group, kept) else {}
            wrong += [
                f"{_about(answer)}, {place}: {found}, plainly {plain.get(place)}"
                for place, found in each.numbers().items()
                if not alike(found, plain.get(place))
            ]
        wrong += [
            f"{_about(answer)}, {each.group}: not told, plainly {number}"
            for each in _untold(answer, members)
            if readable and (number := naive.value(answer.metric, each.period, {**kept, **each.group}))
            # What stands in for no data is nothing to tell of a group.
            if number != naive.value(answer.metric, each.period, {**kept, **dict.fromkeys(each.group, "of nobody")})
        ]
    return wrong


def _untold(answer: Answer, members: Sequence[str | None]) -> Iterator[Told]:
    """The groups that an uncut answer split by one dimension leaves out: there must have been nothing to tell."""
    query = answer.query
    if answer.breakdown is not None and len(query.dimensions) == 1 and query.top is None:
        for member in _not_shown(answer, members):
            yield Told(f"{member}", None, {}, query.period, {query.dimensions[0]: member})


def _yardstick(answer: Answer, other: Naive) -> Naive:
    """How far the data of an answer reaches is taken from it."""
    through = min(other.today - timedelta(days=1), answer.freshness.data_through or other.today)
    return replace(other, complete_through=through)


def _possible(group: Filters, kept: Filters) -> bool:
    """Whether a group passes the filters; one of several folded members passes with the filter's own."""
    return all(isinstance(one, tuple) or passes(one, kept.get(name, one)) for name, one in group.items())


def _plainly(each: Told, naive: Naive, metric: Metric, kept: Filters) -> dict[str, Value]:
    parts = naive.parts(metric, each.period, {**kept, **each.group})
    return {each.place: worked_out(metric, parts)} | {f"{each.place}, {name}": parts[name] for name in each.parts}


def alike(one: Value, other: Value) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _about(answer: Answer) -> str:
    """The question, as a message names it."""
    query = answer.query
    kept = "".join(f" where {each.dimension} in {each.values}" for each in query.filters)
    return f"{query.metric} {query.period.start}..{query.period.last_day} by {query.dimensions}{kept}"
