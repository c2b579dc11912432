"""Balances kept as snapshots: each member's last row up to the end of the period, for a while, and it is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import SettingsError
from kpi_core.loading.load import load
from kpi_core.metrics import Catalog
from kpi_core.query import Comparison, Filter, MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Source
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.rollup_tables import Worth

import long
from tables import CATALOG, Row, engine_on, settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FOLLOWERS = "date,network,followers"
STOCK = """\
model: stock
description: One row is one count of one product in one shop.
time: counted_at
columns:
  counted_at: {type: %s, required: true}
  shop: {type: text}
  product: {type: text}
  units: {type: integer}
dimensions: [shop, product]
measures:
  units: {agg: sum, expr: units, last_per: [shop], carried_days: %d}
  few: {agg: sum, expr: units, filter: units < 5, last_per: [shop], carried_days: %d}
  counts: {agg: count}
"""
UNITS = """\
id: %s
names: {en: %s, ko: %s, zh-TW: %s}
description: {en: Units., ko: 수량., zh-TW: 數量。}
type: simple
formula: u
inputs: {u: stock.%s}
unit: count
direction: higher
stage: all
cadence: daily
indicator: lagging
audiences: [manager]
reading: Units.
"""
DIMENSIONS = "".join(f"{name}: {{names: {{en: {name}, ko: {name}, zh-TW: {name}}}}}\n" for name in ("shop", "product"))


def accounts(folder: Path, now: str, *files: tuple[str, str]) -> Engine:
    """Followers out of files, each a source: its name, and rows as text."""
    sources = []
    for name, rows in files:
        (folder / f"{name}.csv").write_text("\n".join((FOLLOWERS, *rows.split())) + "\n")
        sources.append(Source(name, "csv", "social_accounts", options={"path": f"{name}.csv"}))
    configured = settings(folder=folder, sources=tuple(sources))
    assert not load(configured, CATALOG, now=datetime.fromisoformat(now).replace(tzinfo=UTC)).failed
    return Engine(configured, CATALOG, DuckDBWarehouse(folder / "kpi.duckdb"))


def ask(engine: Engine, question: str, now: str) -> Answer:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    calendar = engine.settings.calendar
    return engine.answer(parse_question(question, engine.vocabulary(), calendar, calendar.today(moment)), moment)


def said(answer: Answer, scope: str = "period") -> list[tuple[str, str, str, str]]:
    """Code, source, member, and the first day without a row."""
    notes = [note.finding for note in answer.health if note.scope == scope]
    return [(each.code, each.source, each.member, str(each.days and each.days[0])) for each in notes]


def daily(network: str, first: str, last: str, start: int) -> str:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (begin + timedelta(n) for n in range((end - begin).days + 1))
    return " ".join(f"{day},{network},{start + n}" for n, day in enumerate(days))


def test_a_network_that_is_a_day_late_does_not_drop_the_sum(tmp_path: Path) -> None:
    """TikTok's last row is of 20 November: it stands for the 21st too, and its date and source are said.

    | network | 20 Nov | 21 Nov |
    |---------|--------|--------|
    | ig      | 1,020  | 1,021  |
    | tt      | 520    |        |
    """
    files = (
        ("meta", daily("ig", "2026-11-01", "2026-11-21", 1001)),
        ("tiktok", daily("tt", "2026-11-01", "2026-11-20", 501)),
    )
    engine = accounts(tmp_path, "2026-11-22", *files)
    answer = ask(engine, "followers yesterday", "2026-11-22T09:00")
    assert answer.value == 1541
    assert said(answer) == [("balance_carried", "tiktok", "tt", "2026-11-21")]
    assert answer.comparisons[0].verdict is None
    by_network = ask(engine, "followers yesterday by network", "2026-11-22T09:00")
    assert by_network.breakdown is not None
    assert [(row.keys, row.value) for row in by_network.breakdown] == [(("ig",), 1021), (("tt",), 520)]
    assert said(ask(engine, "followers 2026-11-19", "2026-11-22T09:00")) == []


def test_exports_of_mondays_hold_all_week(tmp_path: Path) -> None:
    """Monday's 110 are Wednesday's 110, as of 9 November; the daily trend holds them as well."""
    engine = accounts(tmp_path, "2026-11-23", ("weekly", "2026-11-02,ig,100 2026-11-09,ig,110 2026-11-16,ig,120"))
    answer = ask(engine, "followers 2026-11-11", "2026-11-23T09:00")
    assert answer.value == 110
    assert said(answer) == [("balance_carried", "weekly", "ig", "2026-11-10")]
    assert [point.value for point in answer.trend][-10:] == [*[100.0] * 7, *[110.0] * 3]


def test_who_is_silent_for_longer_is_left_out_and_named(tmp_path: Path) -> None:
    """Eight days after its last row a network is left out; when nobody is left there is no data, never 0.

    | day    | ig  | tt  | followers |
    |--------|-----|-----|-----------|
    | 8 Nov  | 10  | 5   | 15        |
    | 15 Nov | 20  |     | 25        |
    | 16 Nov |     |     | 20        |
    | 23 Nov |     |     | no data   |
    """
    rows = "2026-11-08,ig,10 2026-11-08,tt,5 2026-11-15,ig,20 2026-11-25,ig,30"
    engine = accounts(tmp_path, "2026-11-26", ("all", rows))
    values = {day: ask(engine, f"followers 2026-11-{day:02}", "2026-11-26T09:00") for day in (8, 15, 16, 22, 23)}
    assert {day: answer.value for day, answer in values.items()} == {8: 15, 15: 25, 16: 20, 22: 20, 23: None}
    assert ("balance_left_out", "all", "tt", "2026-11-09") in said(values[16])
    assert values[16].comparisons[0].verdict is None
    split = ask(engine, "followers 2026-11-16 by network", "2026-11-26T09:00").breakdown
    assert {row.keys[0]: row.value for row in split or ()} == {"ig": 20, "tt": None}


def test_a_running_month_is_as_of_its_last_complete_day(tmp_path: Path) -> None:
    """Rows until yesterday are what a running month has: nothing is missing, and nothing is said."""
    rows = " ".join(daily(name, "2026-09-01", "2026-11-21", 10) for name in ("ig", "tt"))
    engine = accounts(tmp_path, "2026-11-22", ("all", rows))
    answer = ask(engine, "followers this month", "2026-11-22T09:00")
    assert answer.value == 2 * (10 + 81)
    assert answer.health == ()
    assert said(ask(engine, "followers today", "2026-11-22T09:00"))[0][0] == "balance_carried"


def test_days_without_a_row_inside_a_month_say_nothing_of_its_end(tmp_path: Path) -> None:
    """A network that paused at the start of October has its balance at the end of it."""
    tiktok = daily("tt", "2026-07-01", "2026-10-03", 10) + " " + daily("tt", "2026-10-12", "2026-11-01", 300)
    engine = accounts(tmp_path, "2026-11-02", ("all", f"{daily('ig', '2026-07-01', '2026-11-01', 10)} {tiktok}"))
    answer = ask(engine, "followers october", "2026-11-02T09:00")
    assert answer.value == 132 + 319
    assert not [note for note in answer.health if note.incomplete]


def test_an_empty_cell_is_no_balance(tmp_path: Path) -> None:
    """A row whose followers are empty does not hide those of the day before."""
    engine = accounts(tmp_path, "2026-11-22", ("all", "2026-11-19,ig,7 2026-11-20,ig,8 2026-11-21,ig,"))
    assert ask(engine, "followers yesterday", "2026-11-22T09:00").value == 8


def test_only_a_balance_is_carried(tmp_path: Path) -> None:
    """`carried_days` without `last_per` is told."""
    (tmp_path / "stock.yaml").write_text(
        STOCK.replace("{agg: count}", "{agg: count, carried_days: 5}") % ("date", 1, 1)
    )
    with pytest.raises(SettingsError, match="only a balance is carried"):
        load_catalog([tmp_path])


def stock_of(folder: Path, kind: str, carried: int) -> Catalog:
    (folder / "stock.yaml").write_text(STOCK % (kind, carried, carried))
    (folder / "dimensions.yaml").write_text(DIMENSIONS)
    for name in ("units", "few"):
        (folder / f"{name}.yaml").write_text(UNITS % (*[f"stock_{name}"] * 4, name))
    return load_catalog([folder])


@cache
def stock(kind: str, carried: int) -> Catalog:
    """Read once for every draw that has it."""
    with TemporaryDirectory() as folder:
        return stock_of(Path(folder), kind, carried)


Count = tuple[datetime, str | None, str | None, int | None]
counts = st.lists(
    st.tuples(
        st.integers(0, 40 * 24 * 4).map(lambda n: datetime(2026, 10, 15) + timedelta(minutes=15 * n)),
        st.sampled_from(("a", "b", None)),
        st.sampled_from(("p", "q", None)),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=30,
)


def plainly(rows: list[Count], zone: str, kind: str, carried: int, end: date, *, few: bool) -> float | None:
    """Shop by shop: the units of the last day with a count, no older than `carried` days when the period ends."""
    end = min(end, date(2026, 11, 23))
    days: dict[str | None, dict[date, list[int]]] = {}
    for moment, shop, _product, units in rows:
        local = moment if kind == "date" else moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        has_come = moment.date() <= NOW.date() if kind == "date" else moment <= NOW.replace(tzinfo=None)
        if units is not None and has_come:
            days.setdefault(shop, {}).setdefault(local.date(), []).append(units)
    lasts = [[day for day in shop if end - timedelta(carried + 1) <= day < end] for shop in days.values()]
    left = [shop[max(last)] for shop, last in zip(days.values(), lasts, strict=True) if last]
    return float(sum(unit for units in left for unit in units if not few or unit < 5)) if left else None


@long.examples("random counts of stock", 3, 500)
@given(
    counts,
    st.sampled_from(("UTC", "Asia/Seoul", "America/New_York", "Asia/Kathmandu")),
    st.sampled_from(("date", "timestamp")),
    st.integers(0, 8),
    st.tuples(st.integers(-3, 45), st.integers(1, 40)),
    st.booleans(),
    st.sampled_from((None, "a", "b")),
)
def test_a_balance_equals_a_plain_count(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Count],
    zone: str,
    kind: str,
    carried: int,
    span: tuple[int, int],
    few: bool,
    only: str | None,
) -> None:
    """Value, trend, both sides of a comparison and every group, whatever was counted when, by days of the zone."""
    folder = tmp_path_factory.mktemp("stock")
    catalog = stock(kind, carried)
    start = date(2026, 10, 15) + timedelta(span[0])
    period, other = Period(start, start + timedelta(span[1])), Period(date(2026, 10, 20), date(2026, 10, 21))
    kept = (Filter("shop", (only,)),) if only else ()
    query = MetricQuery(
        "stock_few" if few else "stock_units", period, (Comparison("period", other),), ("shop",), kept, grain="day"
    )
    table: list[Row] = [
        {"counted_at": moment.date() if kind == "date" else moment, "shop": shop, "product": product, "units": units}
        for moment, shop, product, units in rows
    ]
    engine = engine_on(folder / "s.duckdb", {"stock": table}, catalog=catalog, calendar=Calendar(zone))
    answer = engine.answer(query, NOW)
    passing = [row for row in rows if not only or row[1] == only]

    def plain(end: date, among: list[Count]) -> float | None:
        return plainly(among, zone, kind, carried, end, few=few) if engine.unavailable(query.metric) is None else None

    assert answer.value == plain(period.end, passing)
    assert [point.value for point in answer.trend] == [plain(point.period.end, passing) for point in answer.trend]
    for change in answer.comparisons:
        if change.notice is None or change.notice.key != "notice.nothing_complete":
            assert change.value == plain(change.period.end, passing)
            assert change.current == plain(change.compared.end, passing)
    for group in answer.breakdown or ():
        assert group.value == plain(period.end, [row for row in passing if row[1] == group.keys[0]])


def test_rollups_leave_balances_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside rolled up sums of the same table a balance is read row by row."""
    monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1))
    rows = " ".join(daily(name, "2026-10-01", "2026-11-21", 10) for name in ("ig", "tt"))
    engine = accounts(tmp_path, "2026-11-22", ("all", rows))
    answer = ask(engine, "followers october", "2026-11-22T09:00")
    assert answer.value == 80
    assert not any("rollups" in sql for sql in answer.definition.sql)
