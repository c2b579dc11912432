"""Every KPI on random tables: Postgres says what DuckDB says, and both what the plain query says."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_side import Postgres, running_postgres

from kpi_core.answers import Answer
from kpi_core.calendars import Calendar
from kpi_core.engine import Engine
from kpi_core.evaluation import asks_for_goals
from kpi_core.metrics import Column, ColumnType, Model
from kpi_core.periods import Grain, Period, unit_of
from kpi_core.query import Comparison, Filter, MetricQuery
from kpi_core.warehouse import SqlWarehouse

from kpi_core_naive import Naive
from tables import CATALOG, Row, engine_on
from tables import settings as workspace

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ZONES = ("UTC", "Asia/Seoul", "America/New_York")
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "span")
MEMBERS = ("search", "social", "전단지", "a:b $b0 %s", None)
PEOPLE = ("kim", "lin", "mia", "leo", None)
COUNTED = [metric for metric in CATALOG.metrics.values() if not asks_for_goals(metric)]
"""Every KPI and variant but the one that counts goals, which reads no table of its own."""
TABLES = [model for model in CATALOG.models.values() if not model.relation]
FIRST_DAY = date(2026, 8, 20)
Window = tuple[Period, Period]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@given(
    luck=st.integers(0, 2**32),
    most=st.sampled_from([3, 8, 20]),
    zone=st.sampled_from(ZONES),
    instants=st.sampled_from(["timestamptz", "timestamp"]),
)
@settings(max_examples=3)
def test_every_kpi_is_worth_the_same_in_postgres(
    luck: int, most: int, zone: str, instants: str, postgres: Postgres
) -> None:
    """Empty tables, empty cells, equal rows, zeros, the same people on many days, odd names; any days and groups."""
    random = Random(luck)
    tables = {model.name: rows_of(model, random, most) for model in TABLES}
    calendar = Calendar(zone)
    postgres.write("drawn", tables, instants)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.duckdb"
        duck = engine_on(path, tables, calendar=calendar)
        ours = Engine(workspace(calendar=calendar), CATALOG, SqlWarehouse(postgres.url("drawn")))
        windows = windows_of(calendar, random)
        asked = [question(metric.id, duck.dimensions_of(metric), windows, random) for metric in COUNTED]
        expected, found = duck.answers(asked, NOW), ours.answers(asked, NOW)
        for engine in (duck, ours):
            engine.warehouse.close()
        with duckdb.connect(str(path)) as connection:
            plain = [numbers_of(answer, plainly(answer, duck, connection)) for answer in found]
    wrong = [
        line
        for query, one, other, by_hand in zip(asked, expected, found, plain, strict=True)
        for line in differences(query, numbers_of(one), numbers_of(other), by_hand)
    ]
    assert wrong == []
    assert any(answer.value for answer in found)


def rows_of(model: Model, random: Random, most: int) -> list[Row]:
    """Random rows of a table; one in six tables is empty."""
    count = 0 if random.random() < 1 / 6 else random.randint(1, most)
    rows = [{column.name: cell(column, model, random) for column in model.columns.values()} for _ in range(count)]
    if not model.key:  # a table without a key may hold the same row twice
        rows += rows[:1]
    return [row | dict.fromkeys(model.key, f"{n}") for n, row in enumerate(rows)]


def cell(column: Column, model: Model, random: Random) -> object:
    """A value of a column's type, empty now and then where it may be."""
    if not column.required and column.name not in model.key and random.random() < 1 / 5:
        return None
    day = FIRST_DAY + timedelta(days=random.randint(0, 85))
    if column.name == "category":
        return random.choice(("salaries", "tools", "agency"))
    values: dict[ColumnType, object] = {
        "date": day,
        "timestamp": datetime(day.year, day.month, day.day) + timedelta(minutes=random.randrange(24 * 60)),
        "integer": random.randint(0, 12),
        "decimal": random.choice((0, random.randint(0, 99_999) / 100)),
        "boolean": random.random() < 0.5,
        "text": random.choice(MEMBERS if column.name in model.dimensions else PEOPLE),
    }
    return values[column.type]


def question(metric: str, known: tuple[str, ...], windows: Sequence[Window], random: Random) -> MetricQuery:
    """A KPI in any of the windows, by up to two dimensions, of some rows only, now and then with its trend."""
    period, other = random.choice(windows)
    split = tuple(sorted(random.sample(known, random.randint(0, min(2, len(known))))))
    kept = (Filter(random.choice(known), (random.choice(MEMBERS),)),) if known and random.random() < 0.2 else ()
    comparisons = (Comparison("previous_period"), Comparison("period", other))
    return MetricQuery(metric, period, comparisons, split, kept, trended=random.random() < 0.3)


def windows_of(calendar: Calendar, random: Random) -> list[Window]:
    """Some periods, each with any other of as many days; few, so that questions share their queries."""
    windows = []
    for grain in random.sample(GRAINS, 3):
        start, against = (FIRST_DAY + timedelta(days=random.randint(5, 90)) for _ in range(2))
        period = unit_of(start, grain, calendar) if grain != "span" else Period(start, start + timedelta(days=17))
        windows.append((period, Period(against, against + timedelta(days=period.days))))
    return windows


Numbers = dict[tuple[object, ...], float | None]
Plainly = Callable[[Period, dict[str, str | None]], float | None]


def numbers_of(answer: Answer, plainly: Plainly | None = None) -> Numbers:
    """All numbers of an answer by where they stand; with `plainly` what they should be."""

    def number(found: float | None, period: Period, group: dict[str, str | None] | None = None) -> float | None:
        return plainly(period, group or {}) if plainly else found

    query = answer.query
    found: Numbers = {("value",): number(answer.value, query.period)}
    found |= {("trend", point.period.start): number(point.value, point.period) for point in answer.trend}
    for change in answer.comparisons:
        if change.current is not None or change.value is not None:
            found["compared", change.basis, "now"] = number(change.current, change.compared)
            found["compared", change.basis, "then"] = number(change.value, change.period)
    for row in answer.breakdown or ():
        group = dict(zip(query.dimensions, row.keys, strict=True))
        found["row", *row.keys] = number(row.value, query.period, group)
    return found


def plainly(answer: Answer, engine: Engine, connection: duckdb.DuckDBPyConnection) -> Plainly:
    """The plain query of a number of an answer; nothing is asked of a table that is empty."""
    today = engine.today(NOW)
    through = min(today - timedelta(days=1), answer.freshness.data_through or today)
    naive = Naive(connection, engine.catalog, engine.settings.calendar, today, through)
    kept = {each.dimension: each.values[0] for each in answer.query.filters}
    readable = engine.unavailable(answer.metric.id) is None

    def value(period: Period, group: dict[str, str | None]) -> float | None:
        return naive.value(answer.metric, period, kept | group) if readable else None

    return value


def differences(query: MetricQuery, duck: Numbers, postgres: Numbers, plain: Numbers) -> list[str]:
    """Where the three do not say the same."""
    return [
        f"{query.metric} {query.period} by {query.dimensions} of {query.filters}, {place}: "
        f"DuckDB {duck.get(place)}, Postgres {postgres.get(place)}, plain {plain.get(place)}"
        for place in duck.keys() | postgres.keys()
        if not (alike(duck, postgres, place) and alike(plain, postgres, place))
    ]


def alike(one: Numbers, other: Numbers, place: tuple[object, ...]) -> bool:
    if place not in one or place not in other:
        return False
    left, right = one[place], other[place]
    return right == (None if left is None else pytest.approx(left, rel=1e-9, abs=1e-9))
