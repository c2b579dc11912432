"""Rows later than now: an instant counts when it has come, a date when its day has begun; plans are excepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from companies.any_data import NOW, drawn, unlike
from hypothesis import Phase, given
from hypothesis import strategies as st
from loading_side import sentences

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.loading.load import load
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Source
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.rollup_tables import Worth

import long
from tables import CATALOG, Row, engine_on, settings


def ask(engine: Engine, question: str, now: str) -> Answer:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    calendar = engine.settings.calendar
    return engine.answer(parse_question(question, engine.vocabulary(), calendar, calendar.today(moment)), moment)


def loaded(folder: Path, table: str, text: str, now: str) -> Engine:
    (folder / f"{table}.csv").write_text(text)
    configured = settings(folder=folder, sources=(Source("ours", "csv", table, options={"path": f"{table}.csv"}),))
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert not load(configured, CATALOG, now=moment).failed
    return Engine(configured, CATALOG, DuckDBWarehouse(folder / "kpi.duckdb"))


def a_row_a_day(first: str, last: str) -> str:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (start + timedelta(n) for n in range((end - start).days + 1))
    return "date,channel,spend\n" + "".join(f"{day},a,10\n" for day in days)


def ahead(answer: Answer) -> list[tuple[str, int, str]]:
    """Source, rows and first day of what is told to lie ahead."""
    found = [note.finding for note in answer.health if note.finding.code == "rows_ahead"]
    return [(each.source, each.count, str(each.days and each.days[0])) for each in found]


@pytest.mark.parametrize("rolled_up", [False, True])
def test_planned_days_of_a_running_month_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rolled_up: bool
) -> None:
    """10 a day, entered until the end of November: on the 22nd the month has 220, like its trend and month to date."""
    if rolled_up:
        monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1))
    engine = loaded(tmp_path, "ad_performance", a_row_a_day("2026-10-01", "2026-11-30"), "2026-11-22T08:00")
    answer = ask(engine, "ad_spend this month", "2026-11-22T09:00")
    assert answer.value == answer.trend[-1].value == 220
    assert ahead(answer) == [("ours", 8, "2026-11-23")]
    assert ask(engine, "ad_spend month to date", "2026-11-22T09:00").value == 220
    assert str(answer.freshness.data_through) == "2026-11-22"
    # The next morning, without another load, the 23rd counts as well.
    later = ask(engine, "ad_spend this month", "2026-11-23T09:00")
    assert (later.value, ahead(later)) == (230, [("ours", 7, "2026-11-24")])
    assert ahead(ask(engine, "ad_spend october", "2026-11-22T09:00")) == []


def test_rows_ahead_make_no_table_fresh(tmp_path: Path) -> None:
    """Sales end on 5 November; one planned for the 25th does not make the week of the 16th a week without sales."""
    rows: list[Row] = [
        {"order_id": f"{n}", "customer_id": "k", "ordered_at": datetime(2026, *day, 12), "revenue": 10}
        for n, day in enumerate([(10, 20), (11, 5), (11, 25)])
    ]
    answer = ask(engine_on(tmp_path / "a.duckdb", {"orders": rows}), "revenue last week", "2026-11-23T09:00")
    assert answer.value is None
    assert (str(answer.freshness.data_through), answer.freshness.stale) == ("2026-11-05", True)


def test_an_instant_counts_once_it_has_come(tmp_path: Path) -> None:
    """An order of 18:00 is not in the revenue of 09:00, is told, and is in that of 18:00."""
    rows: list[Row] = [
        {"order_id": f"{n}", "customer_id": "k", "ordered_at": datetime(2026, 11, 22, hour), "revenue": 10}
        for n, hour in enumerate((8, 18))
    ]
    engine = engine_on(tmp_path / "a.duckdb", {"orders": rows})
    morning = ask(engine, "revenue today", "2026-11-22T09:00")
    assert (morning.value, ahead(morning)) == (10, [("orders", 1, "2026-11-22")])
    evening = ask(engine, "revenue today", "2026-11-22T18:00")
    assert (evening.value, ahead(evening)) == (20, [])


def test_what_a_customer_does_later_is_not_known_yet(tmp_path: Path) -> None:
    """An order dated next year is no reason to call a customer retained, nor part of what a customer has brought."""
    day = {"a": datetime(2026, 9, 3), "b": datetime(2027, 10, 3)}
    rows: list[Row] = [
        {"order_id": name, "customer_id": "k", "ordered_at": at, "revenue": 10, "cost_of_goods": 4}
        for name, at in day.items()
    ]
    rows += [
        {"order_id": "c", "customer_id": "l", "ordered_at": datetime(2026, 11, 20), "revenue": 1, "cost_of_goods": 1}
    ]
    engine = engine_on(tmp_path / "a.duckdb", {"orders": rows})
    assert ask(engine, "historical_cltv 2026-09", "2026-11-22T09:00").value == 6


def test_plans_count_ahead(tmp_path: Path) -> None:
    """A budget is dated ahead by nature: it counts, and nothing is told."""
    rows = {
        "budgets": [{"month": date(2026, month, 1), "channel": "a", "amount": 300} for month in (11, 12)],
        "ad_performance": [{"date": date(2026, 11, 21), "channel": "a", "spend": 100}],
    }
    answer = ask(engine_on(tmp_path / "a.duckdb", rows), "budget_utilization this month", "2026-11-22T09:00")
    assert answer.parts["budget"] == pytest.approx(210)
    assert ahead(answer) == []


@long.examples("random companies with and without the rows that lie ahead", 1, 40, phases=[Phase.generate])
@given(luck=st.integers(0, 2**32))
def test_every_kpi_is_as_if_rows_ahead_were_not_there(tmp_path_factory: pytest.TempPathFactory, luck: int) -> None:
    """Value, parts, comparisons, trend and groups of all KPIs, on random tables with rows beyond today."""
    folder, any_data = tmp_path_factory.mktemp("ahead"), drawn(luck)
    calendar = Calendar(any_data.calendar.timezone, any_data.calendar.week_start)

    def has_come(name: str, row: Row) -> bool:
        model = CATALOG.models[name]
        moment = row[model.time]
        if model.plan or moment is None:
            return True
        if isinstance(moment, datetime):
            return moment <= NOW.replace(tzinfo=None)
        return not isinstance(moment, date) or moment <= calendar.today(NOW)

    come = {name: [row for row in rows if has_come(name, row)] for name, rows in any_data.tables.items()}
    engines = [
        engine_on(folder / f"{name}.duckdb", tables, calendar=calendar)
        for name, tables in (("all", any_data.tables), ("come", come))
    ]
    one, other = (engine.answers(any_data.questions, NOW) for engine in engines)
    assert unlike(one, other) == []
    assert [answer.freshness for answer in one] == [answer.freshness for answer in other]


def test_misdated_rows_are_told_at_load(tmp_path: Path) -> None:
    """Rows years away from all others, and rows ahead, are said by the load itself, with their days."""
    days = a_row_a_day("2026-11-01", "2026-11-25") + "1970-01-01,a,1\n2205-01-01,a,1\n"
    (tmp_path / "ad_performance.csv").write_text(days)
    source = Source("ours", "csv", "ad_performance", options={"path": "ad_performance.csv"})
    report = load(settings(folder=tmp_path, sources=(source,)), CATALOG, now=datetime(2026, 11, 22, tzinfo=UTC))
    assert sentences(report.sources[0]) == (
        "2 rows are dated years away from all others: correct their dates (1970-01-01, 2205-01-01)",
        "3 rows are dated ahead and do not count yet, 23-25 November 2026: nothing to do if they are planned",
    )
