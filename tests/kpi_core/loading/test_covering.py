"""Sources that ask a service: a load replaces the days of the accounts that were answered for, and nothing else.

The source type `adverts` is made up here; it stands in no folder of kpi_core/sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading_side import ADVERTS, CATALOG, Service, both, day, sentences
from loading_side import loaded as loaded_in
from loading_side import service as service  # noqa: PLC0414  (a fixture)

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import ServiceError
from kpi_core.loading.covering import inside, united
from kpi_core.loading.load import LoadReport
from kpi_core.settings.values import Source
from kpi_core.sources import Covered
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.health_tables import read_health
from kpi_core.warehouse.reach import read_answered, read_coverage

from tables import read_tables

SEOUL = Calendar("Asia/Seoul")


def loaded(folder: Path, *sources: Source) -> LoadReport:
    return loaded_in(folder, *(sources or (ADVERTS,)))


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(sql).fetchall()


def spend(folder: Path) -> list[tuple[int, str, float]]:
    """Day of November, campaign, spend, as the whole table has it."""
    return rows(folder, "SELECT day(date), campaign, spend::double FROM ad_performance ORDER BY ALL")


def test_days_and_accounts_are_replaced(tmp_path: Path, service: Service) -> None:
    """Of two accounts one fails in the second read: its rows stay; the restated day of the other is as it is now."""
    service.rows = [("a", "2026-11-01", "x", 1), ("a", "2026-11-02", "x", 2), ("b", "2026-11-02", "y", 20)]
    service.covers = both(1, 3)
    loaded(tmp_path)
    service.rows, service.covers = [("a", "2026-11-02", "x", 5)], (Covered("a", day(2), day(3)),)
    service.warnings = ("b was not answered for: its token has run out",)
    report = loaded(tmp_path)
    assert spend(tmp_path) == [(1, "x", 1), (2, "x", 5), (2, "y", 20)]
    assert sentences(report.sources[0]) == service.warnings


def test_an_answer_without_rows_replaces(tmp_path: Path, service: Service) -> None:
    """A window that had rows and has none now is empty: a service leaves out days without figures."""
    service.rows, service.covers = [("a", "2026-11-01", "x", 1), ("a", "2026-11-02", "x", 2)], both(1, 2)
    loaded(tmp_path)
    service.rows, service.covers = [], (Covered("a", day(2), day(2)),)
    loaded(tmp_path)
    assert spend(tmp_path) == [(1, "x", 1)]


def test_covered_days_without_rows_are_a_true_zero(tmp_path: Path, service: Service) -> None:
    """The table reaches as far as the service answered, not as far as there were rows."""
    service.rows, service.covers = [("a", "2026-11-03", "x", 1)], (Covered("a", day(1), day(9)),)
    loaded(tmp_path)
    with closing(DuckDBWarehouse(tmp_path / "kpi.duckdb")) as warehouse:
        coverage = read_coverage(
            CATALOG.models["ad_performance"],
            warehouse,
            SEOUL,
            lambda: read_answered(warehouse),
            read_health(warehouse),
        )
    assert (coverage.first, coverage.last) == (day(1), day(9))
    assert rows(tmp_path, "SELECT * FROM kpi_covered") == [("ad_performance", "ours", "a", day(1), day(9))]


def test_nothing_answered_replaces_nothing(tmp_path: Path, service: Service) -> None:
    """When every account failed, all rows stay, whatever `replace:` says."""
    source = Source("ours", "adverts", "ad_performance", replace="all")
    service.rows, service.covers = [("a", "2026-11-01", "x", 1)], both(1, 1)
    loaded(tmp_path, source)
    service.rows, service.covers = [], ()
    loaded(tmp_path, source)
    assert spend(tmp_path) == [(1, "x", 1)]


def test_rows_outside_are_told(tmp_path: Path, service: Service) -> None:
    """A row of a day or an account that was not answered for would come again with every load: it is kept out."""
    service.rows = [("a", "2026-11-01", "x", 1), ("a", "2026-11-02", "x", 2), ("c", "2026-11-01", "z", 3)]
    service.covers = both(1, 1)
    (report,) = loaded(tmp_path).sources
    assert spend(tmp_path) == [(1, "x", 1)]
    assert sentences(report) == ("2 rows lie outside the days that the source was asked for: they are kept out",)


def test_one_account_without_a_column(tmp_path: Path, service: Service) -> None:
    """A source with a single account names none."""
    service.account = None
    for amount in (1.0, 2.0):
        service.rows, service.covers = [("", "2026-11-01", "x", amount)], (Covered("", day(1), day(1)),)
        loaded(tmp_path)
    assert spend(tmp_path) == [(1, "x", 2)]


def test_rows_from_before_it_said_what_it_covers(tmp_path: Path, service: Service) -> None:
    """Rows that came without an account give way to whoever covers their day, so that nothing counts twice."""
    service.rows, service.covers = [("a", "2026-11-01", "x", 1), ("a", "2026-11-05", "x", 5)], None
    loaded(tmp_path)
    service.rows, service.covers = [("a", "2026-11-01", "x", 9)], (Covered("a", day(1), day(3)),)
    loaded(tmp_path)
    assert spend(tmp_path) == [(1, "x", 9), (5, "x", 5)]


def test_days_of_instants(tmp_path: Path, service: Service) -> None:
    """Where rows have instants, a covered day is one of the source's zone, else of the workspace's."""
    table, service.columns = "orders", "ordered_at"
    columns = {"order_id": "campaign", "revenue": "spend", "campaign": "campaign"}
    # 23:00 on the 1st in New York is the 2nd in Seoul.
    service.rows = [("a", "2026-11-02T03:00Z", "late", 1), ("a", "2026-11-02T06:00Z", "next", 1)]
    for zone, ready in (("America/New_York", ["late"]), (None, [])):
        service.covers = (Covered("a", day(1), day(1)),)
        source = Source(f"from {zone}", "adverts", table, columns=columns, timezone=zone)
        loaded(tmp_path, source)
        assert [order for (order,) in rows(tmp_path, "SELECT order_id FROM orders")] == ready


def test_state_between_loads(tmp_path: Path, service: Service) -> None:
    """What a source leaves, its next load gets; a load that says nothing changes nothing; another source gets none."""
    service.rows, service.covers = [("a", "2026-11-01", "x", 1)], both(1, 1)
    for state in ({"cursor": [1, "é"]}, None, {"cursor": []}):
        service.state = state
        loaded(tmp_path)
    loaded(tmp_path, Source("others", "adverts", "ad_performance"))
    assert service.states == [{}, {"cursor": [1, "é"]}, {"cursor": [1, "é"]}, {}]


def test_state_goes_with_its_rows(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that fails before the swap leaves rows and state as they were, together."""
    service.rows, service.covers, service.state = [("a", "2026-11-01", "x", 1)], both(1, 1), {"load": 1}
    loaded(tmp_path)

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    service.rows, service.state = [("a", "2026-11-01", "x", 2)], {"load": 2}
    with monkeypatch.context() as patch:
        patch.setattr("kpi_core.loading.snapshot._synced", failing)
        with pytest.raises(ServiceError, match="No space left"):
            loaded(tmp_path)
    assert spend(tmp_path) == [(1, "x", 1)]
    loaded(tmp_path)
    assert service.states[-1] == {"load": 1}


def test_a_query_keeps_the_account(tmp_path: Path, service: Service) -> None:
    """A `query:` that drops the account's column is refused, since nobody could tell whose rows they are."""
    service.rows, service.covers = [("a", "2026-11-01", "x", 1)], both(1, 1)
    query = "SELECT date, campaign, spend FROM source"
    (report,) = loaded(tmp_path, Source("ours", "adverts", "ad_performance", query=query)).sources
    assert report.error is not None
    assert (report.error.code, report.error.hint) == ("source_account", "Select account_id too.")


@st.composite
def windows_of_two(draw: st.DrawFn) -> list[Covered]:
    """Windows of two accounts that overlap, touch, or lie apart."""
    drawn = draw(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 20), st.integers(0, 4)), max_size=6))
    return [Covered(account, day(first), day(first + length)) for account, first, length in drawn]


def days_of(covers: Sequence[Covered]) -> list[tuple[str, date]]:
    """Account and day, as often as they are covered."""
    return sorted(
        (window.account, window.first + timedelta(days=number))
        for window in covers
        for number in range((window.last - window.first).days + 1)
    )


@given(windows_of_two())
def test_windows_are_united(covers: list[Covered]) -> None:
    """United windows are the same days, each once, in as few windows as they need."""
    windows, days = list(united(covers)), sorted(set(days_of(covers)))
    assert days_of(windows) == days
    beginnings = [(account, at) for account, at in days if (account, at - timedelta(days=1)) not in days]
    assert [(window.account, window.first) for window in windows] == beginnings


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York", "Asia/Beirut", "Pacific/Apia", "UTC"])
def test_days_in_sql_are_days_in_python(zone: str) -> None:
    """An instant is inside the days from one to another where its local date is, at every clock change of the zone."""
    calendar, model = Calendar(zone), CATALOG.models["orders"]
    instants = [datetime(2011, 12, 28) + timedelta(hours=number) for number in range(72)]
    instants += [datetime(2026, 3, 6) + timedelta(minutes=30 * number) for number in range(48 * 26)]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE orders (ordered_at TIMESTAMP)")
        connection.execute("INSERT INTO orders SELECT unnest(?)", [instants])
        for first, last in ((date(2011, 12, 29), date(2011, 12, 29)), (date(2026, 3, 8), date(2026, 3, 29))):
            sql = f"SELECT ordered_at FROM orders WHERE {inside(model, first, last, calendar)} ORDER BY 1"
            local = [at for at in instants if first <= calendar.today(at.replace(tzinfo=UTC)) <= last]
            assert [at for (at,) in connection.execute(sql).fetchall()] == local
        everything = f"SELECT count(*) FROM orders WHERE {inside(model, date.min, date.max, calendar)}"
        assert connection.execute(everything).fetchall() == [(len(instants),)]
