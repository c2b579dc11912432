"""Look-ups over several hops, and those with a row for each span of time: facts meet one row of them, or none."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_kpis import ask, groups, kpi, own_catalog, own_engine

from kpi_core.answering.engine import Engine
from kpi_core.catalog.inspection import inspect_definitions
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError, SettingsError
from kpi_core.metrics import Catalog
from kpi_core.sql.rows import Shape
from kpi_core.sql.statement import sql_of
from kpi_core.warehouse.reach import doubled_keys

import long
from tables import Row

BOOKINGS: dict[str, Any] = {
    "model": "bookings",
    "description": "One row is one booking.",
    "time": "booked_at",
    "columns": {
        "booked_at": {"type": "timestamp"},
        "paid_on": {"type": "date"},
        "listing_id": {"type": "text"},
        "amount": {"type": "integer"},
        "city": {"type": "text"},
    },
    "dimensions": ["city"],
    "entities": {"listing": "listing_id"},
    "measures": {
        "amount": {"agg": "sum", "expr": "amount"},
        "paid": {"agg": "sum", "expr": "amount", "time": "paid_on"},
    },
}
LISTINGS: dict[str, Any] = {
    "model": "listings",
    "description": "One row is one listing, as long as it was like that.",
    "primary_entity": "listing",
    "key": ["listing_id", "since"],
    "valid": {"start": "since", "end": "until"},
    "columns": {
        "listing_id": {"type": "text"},
        "since": {"type": "date"},
        "until": {"type": "date"},
        "host_id": {"type": "text"},
        "capacity": {"type": "integer"},
        "city": {"type": "text"},
    },
    "entities": {"host": "host_id"},
    "dimensions": ["capacity", "city"],
}
HOSTS: dict[str, Any] = {
    "model": "hosts",
    "description": "One row is one host.",
    "primary_entity": "host",
    "key": ["host_id"],
    "columns": {"host_id": {"type": "text"}, "nation": {"type": "text"}, "club_id": {"type": "integer"}},
    "entities": {"club": "club_id"},
    "dimensions": ["nation"],
}
CLUBS: dict[str, Any] = {
    "model": "clubs",
    "description": "One row is one club, whose numbers are kept as texts.",
    "primary_entity": "club",
    "key": ["club_id"],
    "columns": {"club_id": {"type": "text"}, "club": {"type": "text"}, "city": {"type": "text"}},
    "dimensions": ["club", "city"],
}
KPIS = (
    kpi("booked", "amount", {"amount": "bookings.amount"}, type="simple"),
    kpi("paid", "amount", {"amount": "bookings.paid"}, type="simple"),
)
LISTED: tuple[Row, ...] = (
    {"listing_id": "a", "since": date(2026, 1, 1), "until": date(2026, 10, 10), "host_id": "kim", "capacity": 2},
    {"listing_id": "a", "since": date(2026, 10, 10), "until": None, "host_id": "lin", "capacity": 4},
    {"listing_id": "b", "since": None, "until": date(2026, 10, 20), "host_id": "kim", "capacity": 2, "city": "Busan"},
)
PEOPLE: tuple[Row, ...] = (
    {"host_id": "kim", "nation": "KR", "club_id": 7},
    {"host_id": "lin", "nation": "TW", "club_id": None},
)
CLUB: tuple[Row, ...] = ({"club_id": "7", "club": "Gold", "city": "Seoul"},)
BOOKED: tuple[Row, ...] = tuple(
    {"booked_at": datetime(2026, 10, day, 12), "paid_on": date(2026, 10, day + 1), "listing_id": name, "amount": amount}
    for day, name, amount in ((9, "a", 1), (10, "a", 2), (19, "b", 4), (20, "b", 8), (21, "c", 16), (22, None, 32))
)
TABLES = {"bookings": BOOKED, "listings": LISTED, "hosts": PEOPLE, "clubs": CLUB}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return own_catalog(tmp_path_factory.mktemp("hops") / "kpis", BOOKINGS, LISTINGS, HOSTS, CLUBS, *KPIS)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Engine:
    return own_engine(tmp_path_factory.mktemp("hops") / "b.duckdb", catalog, TABLES)


CASES = (
    # Until the 10th listing a held two; listing b has been as it is since ever, up to the 20th.
    ("booked 2026-10 by capacity", {"2": 5, "4": 2, None: 56}),
    # By the day of the payment, which is the day after.
    ("paid 2026-10 by capacity", {"4": 3, None: 60}),
    ("booked 2026-10 by nation", {"KR": 5, "TW": 2, None: 56}),
    ("booked 2026-10 by club", {"Gold": 5, None: 58}),
    # A booking has a city itself; those of its listing and of its host's club have names of their own.
    ("booked 2026-10 by listing city", {"Busan": 4, None: 59}),
    ("booked 2026-10 by club city", {"Seoul": 5, None: 58}),
    ("booked 2026-10 by nation, capacity", {("KR", "2"): 5, ("TW", "4"): 2, (None, None): 56}),
)


@pytest.mark.parametrize(("question", "expected"), CASES, ids=[question for question, _groups in CASES])
def test_a_booking_sees_its_listing_as_it_was_and_all_behind_it(
    engine: Engine, question: str, expected: dict[Any, float]
) -> None:
    """Bookings of 1 to 32, each in one group; the groups add up to all of them."""
    answer = ask(engine, question)
    assert groups(answer) == expected
    assert answer.value == 63


def test_filters_reach_as_far(engine: Engine) -> None:
    """What splits also narrows."""
    assert ask(engine, "booked 2026-10 where nation=KR").value == 5
    assert ask(engine, "booked 2026-10 where club=Gold by capacity").value == 5
    assert ask(engine, "booked 2026-10 where capacity=4").value == 2
    assert engine.dimension_values("club") == ("Gold",)


@pytest.mark.parametrize(("zone", "two"), [("UTC", 3), ("Asia/Seoul", 1), ("America/New_York", 3)])
def test_spans_of_days_begin_with_the_local_day(tmp_path: Path, catalog: Catalog, zone: str, two: float) -> None:
    """A booking at 16 o'clock UTC of the 9th is one of the 10th in Seoul, when the listing had changed."""
    rows = (
        {"booked_at": datetime(2026, 10, 9, 10), "listing_id": "a", "amount": 1},
        {"booked_at": datetime(2026, 10, 9, 16), "listing_id": "a", "amount": 2},
    )
    engine = own_engine(tmp_path / "z.duckdb", catalog, TABLES | {"bookings": rows}, calendar=Calendar(zone))
    assert groups(ask(engine, "booked 2026-10 by capacity"))["2"] == two


def test_without_a_table_on_the_way_its_dimensions_are_refused(tmp_path: Path, catalog: Catalog) -> None:
    """No hosts: what they and their clubs tell is refused, what the listing tells is not."""
    tables = {name: rows for name, rows in TABLES.items() if name != "hosts"}
    engine = own_engine(tmp_path / "w.duckdb", catalog, tables)
    assert groups(ask(engine, "booked 2026-10 by capacity"))["4"] == 2
    for name in ("nation", "club"):
        with pytest.raises(QuestionError, match=name):
            ask(engine, f"booked 2026-10 by {name}")


SPANS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(0, 12) | st.none(), st.integers(1, 4)), max_size=6
)


@long.examples("random spans", 5, 300)
@given(SPANS, st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 28)), min_size=1, max_size=12))
def test_overlapping_and_doubled_spans_count_no_booking_twice(
    tmp_path_factory: pytest.TempPathFactory,
    catalog: Catalog,
    spans: list[tuple[str, int, int | None, int]],
    bookings: list[tuple[str, int]],
) -> None:
    """Of spans that overlap the one that began last holds, and a gap has no listing; nothing is lost or doubled."""
    listed: list[Row] = [
        {"listing_id": name, "since": date(2026, 10, start + 1),
         "until": date(2026, 10, start + length + 1) if length is not None else None, "capacity": capacity}
        for name, start, length, capacity in spans
    ]  # fmt: skip
    rows: list[Row] = [
        {"booked_at": datetime(2026, 10, day, 23), "listing_id": name, "amount": 2**n}
        for n, (name, day) in enumerate(bookings)
    ]
    folder = tmp_path_factory.mktemp("spans")
    engine = own_engine(folder / "s.duckdb", catalog, {"bookings": rows, "listings": listed})
    expected: dict[str | None, float] = {}
    for row in rows:
        group = capacity_at(row["listing_id"], row["booked_at"].date(), listed)  # type: ignore[attr-defined]
        expected[group] = expected.get(group, 0) + row["amount"]  # type: ignore[operator]
    answer = ask(engine, "booked 2026-10 by capacity")
    assert groups(answer) == expected
    assert answer.value == 2 ** len(rows) - 1
    starts = [(row["listing_id"], row["since"]) for row in listed]
    doubled = len(starts) - len(set(starts))
    assert doubled_keys(catalog, engine.warehouse) == ([("listings", "listing_id", doubled)] if doubled else [])


def capacity_at(name: object, day: date, listed: list[Row]) -> str | None:
    """Of the newest start up to the day, where one of its rows has not ended: the smallest capacity of its rows."""
    begun = [row for row in listed if row["listing_id"] == name and row["since"] <= day]  # type: ignore[operator]
    if not begun:
        return None
    newest = max(row["since"] for row in begun)  # type: ignore[type-var]
    rows = [row for row in begun if row["since"] == newest]
    if all(row["until"] is not None and row["until"] <= day for row in rows):  # type: ignore[operator]
        return None
    return min(str(row["capacity"]) for row in rows)


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "spark", "clickhouse"])
def test_every_dialect_joins_spans(catalog: Catalog, dialect: str) -> None:
    """Grouped by key and start before facts meet it, each span up to the next one."""
    shape = Shape(dialect, "booked_at", ("amount",), ("capacity", "nation"), (), (True,))
    text = " ".join(sql_of(shape, catalog.models["bookings"]).text.replace('"', "").replace("`", "").split())
    assert "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING" in text
    assert text.count("LEFT JOIN") == 3


WRONG = (
    (LISTINGS | {"key": ["listing_id"]}, "the key must say so"),
    (LISTINGS | {"valid": {"start": "since", "end": "city"}}, "from a date to a date"),
    (LISTINGS | {"valid": {"start": "since", "end": "untill"}}, "no column untill"),
    (HOSTS | {"entities": {"club": "club"}}, "hosts has no column club"),
)


@pytest.mark.parametrize(("table", "message"), WRONG, ids=[message for _table, message in WRONG])
def test_what_cannot_be_joined_is_told(tmp_path: Path, table: dict[str, Any], message: str) -> None:
    """Before anything is loaded."""
    others = {each["model"]: each for each in (BOOKINGS, LISTINGS, HOSTS, CLUBS)} | {table["model"]: table}
    with pytest.raises(SettingsError) as error:
        own_catalog(tmp_path / "kpis", *others.values())
    assert any(message in problem.message for problem in error.value.problems)
    assert any(message in problem.message for problem in inspect_definitions([tmp_path / "kpis"]).problems)


def test_a_way_back_leads_nowhere(tmp_path: Path) -> None:
    """Hosts who name a listing and listings who name a host: each tells of itself once."""
    hosts = HOSTS | {
        "columns": HOSTS["columns"] | {"listing_id": {"type": "text"}},
        "entities": {"listing": "listing_id"},
    }
    catalog = own_catalog(tmp_path / "kpis", BOOKINGS, LISTINGS, hosts)
    assert catalog.models["bookings"].dimensions == ("city", "capacity", "listing_city", "nation")
