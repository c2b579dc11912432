"""kpi load: the next snapshot beside the current one, swapped in whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from loading_side import CATALOG, NOW, costs, csv, loaded, orders, sentences, settings

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import DataError, ServiceError, UsageError
from kpi_core.loading.load import load
from kpi_core.settings.values import Source

import long
from tables import read_tables


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(sql).fetchall()


def order_ids(folder: Path) -> list[str]:
    return [order for (order,) in rows(folder, "SELECT order_id FROM orders ORDER BY order_id")]


def amounts(folder: Path) -> list[tuple[date, int]]:
    return rows(folder, "SELECT date, amount::int FROM costs ORDER BY ALL")


def test_load(tmp_path: Path) -> None:
    """Each source fills its table; `kpi_loads` says what it holds, from which local day to which."""
    shop = orders(tmp_path, "1,2026-10-31T15:00Z,5\n2,2026-11-02,7\n3,2026-11-02,x\n")
    report = loaded(tmp_path, shop, costs(tmp_path, "2026-11-01,tools,3\n"))
    assert order_ids(tmp_path) == ["1", "2"]
    assert rows(tmp_path, "SELECT * FROM kpi_loads ORDER BY source") == [
        ("costs", "books", 1, 0, date(2026, 11, 1), date(2026, 11, 1), datetime(2026, 11, 23, 9)),
        ("orders", "shop", 2, 1, date(2026, 11, 1), date(2026, 11, 2), datetime(2026, 11, 23, 9)),
    ]
    assert [(source.source, source.rows, source.rejected) for source in report.sources] == [
        ("shop", 2, 1),
        ("books", 1, 0),
    ]
    assert report.rejected == 1
    assert report.failed == ()


def test_a_zone_whose_law_has_changed(tmp_path: Path) -> None:
    """A load cuts days by the clock that questions use, not by that of a database whose zones are of another year.

    British Columbia stays on summer time from 2026 on.
    """
    shop = orders(tmp_path, "1,2026-12-01T07:30Z,5\n2,2026-12-01 00:30,7\n")
    vancouver = replace(settings(tmp_path, shop), calendar=Calendar("America/Vancouver"))
    load(vancouver, CATALOG, now=NOW)
    instants = rows(tmp_path, "SELECT ordered_at FROM orders ORDER BY order_id")
    midnight = Calendar("America/Vancouver").midnight(date(2026, 12, 1)).replace(tzinfo=None)
    assert instants == [(datetime(2026, 12, 1, 7, 30),), (midnight + timedelta(minutes=30),)]
    first = vancouver.calendar.today(datetime(2026, 12, 1, 7, 30, tzinfo=UTC))
    assert rows(tmp_path, "SELECT first_day, last_day FROM kpi_loads") == [(first, date(2026, 12, 1))]


def test_same_twice(tmp_path: Path) -> None:
    """The same input twice gives the same tables, row for row."""
    text = "".join(f"{n % 70},2026-11-{n % 20 + 1:02},{n}\n" for n in range(100))
    sources = (orders(tmp_path, text), costs(tmp_path, "2026-11-02,tools,3\n2026-11-01,tools,3\n2026-11-01,tools,3\n"))
    loaded(tmp_path, *sources)
    before = rows(tmp_path, "SELECT * FROM orders"), rows(tmp_path, "SELECT * FROM costs")
    assert len(before[0]) == 70
    loaded(tmp_path, *sources)
    assert (rows(tmp_path, "SELECT * FROM orders"), rows(tmp_path, "SELECT * FROM costs")) == before


def test_days_are_replaced(tmp_path: Path) -> None:
    """A load replaces the days it has read, restated or gone, and keeps the days before and after them."""
    loaded(
        tmp_path, costs(tmp_path, "2026-11-01,tools,1\n2026-11-02,tools,2\n2026-11-02,other,9\n2026-11-03,tools,3\n")
    )
    report = loaded(tmp_path, costs(tmp_path, "2026-11-02,tools,20\n2026-11-03,tools,30\n2026-11-04,tools,40\n"))
    assert amounts(tmp_path) == [
        (date(2026, 11, 1), 1),
        (date(2026, 11, 2), 20),
        (date(2026, 11, 3), 30),
        (date(2026, 11, 4), 40),
    ]
    assert sentences(report.sources[0]) == (
        "1 day has fewer rows than before, the last 2 November 2026: 1 where 2 were",
        "1 row of earlier loads lies outside the days that were read: it stays",
    )
    assert rows(tmp_path, "SELECT rows, first_day, last_day FROM kpi_loads") == [
        (4, date(2026, 11, 1), date(2026, 11, 4))
    ]


@pytest.mark.parametrize("stray", ["1970-01-01", "2205-03-01"])
def test_a_row_dated_years_away_replaces_its_own_day(tmp_path: Path, stray: str) -> None:
    """A rolling export with one wrong date replaces the days it has, not the years up to that date."""
    history = "".join(f"2026-10-{day:02},tools,1\n" for day in range(1, 11))
    loaded(tmp_path, costs(tmp_path, history))
    recent = "".join(f"2026-10-{day:02},tools,2\n" for day in range(6, 13))
    for _again in range(2):
        loaded(tmp_path, costs(tmp_path, f"{recent}{stray},tools,7\n"))
        october = [(date(2026, 10, day), 1 if day < 6 else 2) for day in range(1, 13)]
        assert amounts(tmp_path) == sorted([*october, (date.fromisoformat(stray), 7)])


def test_what_does_not_fit_years_before_a_wrong_date_is_still_told(tmp_path: Path) -> None:
    """A cost of September that could not be read stays missing, and told, when October comes with a row of 1970."""
    loaded(tmp_path, costs(tmp_path, "2026-09-01,tools,1\n2026-09-02,tools,many\n2026-09-03,tools,1\n"))
    loaded(tmp_path, costs(tmp_path, "1970-01-01,tools,1\n2026-10-01,tools,1\n2026-10-02,tools,1\n"))
    told = rows(tmp_path, "SELECT first_day, last_day FROM kpi_findings WHERE code = 'rows_kept_out'")
    assert told == [(date(2026, 9, 2), date(2026, 9, 2))]


def test_replace_all(tmp_path: Path) -> None:
    """With `replace: all` the table holds what the source holds now."""
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n2026-11-02,tools,2\n", replace="all"))
    loaded(tmp_path, costs(tmp_path, "2026-11-02,tools,20\n", replace="all"))
    assert amounts(tmp_path) == [(date(2026, 11, 2), 20)]


def test_keys_are_replaced(tmp_path: Path) -> None:
    """A row that comes again under its key replaces the old one, even when it moved to another day."""
    loaded(tmp_path, orders(tmp_path, "1,2026-11-01,1\n2,2026-11-01,2\n3,2026-11-20,3\n"))
    loaded(tmp_path, orders(tmp_path, "2,2026-11-05,20\n4,2026-11-06,4\n"))
    assert rows(tmp_path, "SELECT order_id, revenue::int FROM orders ORDER BY ALL") == [
        ("1", 1), ("2", 20), ("3", 3), ("4", 4)
    ]  # fmt: skip


def test_since(tmp_path: Path) -> None:
    """With `since`, the days from there on are replaced and the days before stay untouched."""
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n2026-11-02,tools,2\n2026-11-03,tools,3\n"))
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,10\n2026-11-02,tools,20\n"), since=date(2026, 11, 2))
    assert amounts(tmp_path) == [(date(2026, 11, 1), 1), (date(2026, 11, 2), 20)]


def test_nothing_read(tmp_path: Path) -> None:
    """A source that suddenly holds no rows keeps its last good data, and asks."""
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n"))
    report = loaded(tmp_path, costs(tmp_path, "", replace="all"))
    assert amounts(tmp_path) == [(date(2026, 11, 1), 1)]
    assert [load.error and load.error.code for load in report.failed] == ["load_shrunk"]
    loaded(tmp_path, costs(tmp_path, "", replace="all"), accept=True)
    assert amounts(tmp_path) == []


def test_two_sources_one_table(tmp_path: Path) -> None:
    """Where keys of two sources of one table meet, the later source wins, and gives way again when it drops them."""
    old = orders(tmp_path, "1,2026-11-01,1\n2,2026-11-01,2\n", "old")
    report = loaded(tmp_path, old, orders(tmp_path, "2,2026-11-01,20\n3,2026-11-01,30\n", "new"))
    sql = "SELECT order_id, revenue::int FROM orders ORDER BY ALL"
    assert rows(tmp_path, sql) == [("1", 1), ("2", 20), ("3", 30)]
    assert sentences(report.sources[1]) == ("1 row of orders has the key of a row from a later source, which counts",)
    loaded(tmp_path, old, orders(tmp_path, "3,2026-11-01,30\n", "new"), only="new")
    assert rows(tmp_path, sql) == [("1", 1), ("2", 2), ("3", 30)]
    both = costs(tmp_path, "2026-11-01,tools,1\n", "a"), costs(tmp_path, "2026-11-01,tools,1\n", "b")
    loaded(tmp_path, *both)
    assert len(amounts(tmp_path)) == 2


def test_failed_source(tmp_path: Path) -> None:
    """A source that fails is reported and keeps its last good data; the others still load."""
    good, bad = orders(tmp_path, "1,2026-11-01,1\n"), costs(tmp_path, "2026-11-01,tools,1\n")
    loaded(tmp_path, good, bad)
    orders(tmp_path, "1,2026-11-01,1\n2,2026-11-02,2\n")
    (tmp_path / "books.csv").unlink()
    report = loaded(tmp_path, good, bad)
    assert [source.source for source in report.failed] == ["books"]
    assert order_ids(tmp_path) == ["1", "2"]
    assert amounts(tmp_path) == [(date(2026, 11, 1), 1)]


def test_a_model_made_of_others_is_not_loaded(tmp_path: Path) -> None:
    """Its rows are worked out from tables, which are to be loaded instead; the other sources load."""
    report = loaded(
        tmp_path, csv(tmp_path, "crm", "customers", "customer_id\nkim\n"), orders(tmp_path, "a,2026-01-01,1\n")
    )
    error = report.failed[0].error
    assert error is not None
    assert error.message == "Source crm: customers is no table, it is worked out from others."
    assert error.hint == "Load orders instead."
    assert order_ids(tmp_path) == ["a"]


def test_only(tmp_path: Path) -> None:
    """`only` loads one source and leaves the other tables as they are; an unknown name is told with the nearest one."""
    shop, books = orders(tmp_path, "1,2026-11-01,1\n"), costs(tmp_path, "2026-11-01,tools,1\n")
    loaded(tmp_path, shop, books)
    orders(tmp_path, "1,2026-11-01,1\n2,2026-11-01,1\n")
    costs(tmp_path, "2026-11-01,tools,5\n")
    loaded(tmp_path, shop, books, only="books")
    assert order_ids(tmp_path) == ["1"]
    assert amounts(tmp_path) == [(date(2026, 11, 1), 5)]
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, shop, books, only="book")
    assert caught.value.hint == "Did you mean books?"


def test_dropped_source(tmp_path: Path) -> None:
    """What came from a source that kpi.yaml no longer names is removed."""
    books = costs(tmp_path, "2026-11-01,tools,1\n")
    loaded(tmp_path, orders(tmp_path, "1,2026-11-01,1\n"), books)
    loaded(tmp_path, books)
    assert rows(tmp_path, "SELECT source FROM kpi_loads") == [("books",)]
    assert rows(tmp_path, "SELECT table_name FROM information_schema.tables WHERE table_name = 'orders'") == []


def test_own_tables_stay(tmp_path: Path) -> None:
    """A team's own tables and views in the file survive a load; one in the way of a source is never replaced."""
    with duckdb.connect(str(tmp_path / "kpi.duckdb")) as own:
        own.execute("CREATE TABLE notes AS SELECT 1 AS a")
        own.execute("CREATE VIEW twice AS SELECT a * 2 AS b FROM notes")
        own.execute("CREATE TABLE costs AS SELECT 'ours' AS a")
    report = loaded(tmp_path, orders(tmp_path, "1,2026-11-01,1\n"), costs(tmp_path, "2026-11-01,tools,1\n"))
    assert rows(tmp_path, "SELECT b FROM twice") == [(2,)]
    assert rows(tmp_path, "SELECT a FROM costs") == [("ours",)]
    assert [load.error.code for load in report.failed if load.error] == ["load_foreign_table"]


ROOT = Path(__file__).parents[3]
STEPS = (
    "load.stage",
    *(f"snapshot.{name}" for name in ("_forget_dropped_sources", "_replace_rows", "_record", "_publish", "_synced")),
)


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS[:: long.step(3)])
def test_killed_anywhere(tmp_path: Path, step: str) -> None:
    """Killed at any step, the snapshot is the old one, whole; the next load cleans up and succeeds."""
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n"))
    before = (tmp_path / "kpi.duckdb").read_bytes()
    costs(tmp_path, "2026-11-01,tools,2\n")
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {str(ROOT / "tests")!r})
        from pathlib import Path
        import kpi_core.loading.load, kpi_core.loading.snapshot, loading_side
        original = kpi_core.loading.{step}
        def dying(*given, **named):
            original(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)
        kpi_core.loading.{step} = dying
        folder = Path({str(tmp_path)!r})
        loading_side.loaded(folder, loading_side.costs(folder, "2026-11-01,tools,2\\n"))
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "kpi.duckdb").read_bytes() == before
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,2\n"))
    assert amounts(tmp_path) == [(date(2026, 11, 1), 2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["books.csv", "kpi.duckdb", "kpi.duckdb.lock"]


@pytest.mark.parametrize("step", STEPS)
def test_failing_anywhere(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error at any step leaves the old snapshot and no leftovers."""
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n"))
    before = (tmp_path / "kpi.duckdb").read_bytes()

    def failing(*_given: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"kpi_core.loading.{step}", failing)
    with pytest.raises(ServiceError, match="No space left"):
        loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,2\n"))
    assert (tmp_path / "kpi.duckdb").read_bytes() == before
    assert not (tmp_path / "kpi.duckdb.loading").exists()


def test_one_at_a_time(tmp_path: Path) -> None:
    """A second load is refused while one runs, and works after it."""
    source = Source("s", "sheet", "costs", options={"spreadsheet": "ID", "range": "A:C"})

    def reader(_spreadsheet: str, _cells: str) -> Sequence[Sequence[object]]:
        with pytest.raises(ServiceError, match="Another load is running"):
            loaded(tmp_path, source)
        return [["date", "category", "amount"], [46327, "tools", 1]]

    loaded(tmp_path, source, sheet_reader=reader)
    assert amounts(tmp_path) == [(date(2026, 11, 1), 1)]


def test_readers_see_whole_loads(tmp_path: Path) -> None:
    """A reader of the old snapshot is not disturbed; a new one sees the new data."""
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n"))
    with duckdb.connect(str(tmp_path / "kpi.duckdb"), read_only=True) as reading:
        loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,2\n"))
        assert reading.execute("SELECT amount FROM costs").fetchall() == [(1,)]
    assert amounts(tmp_path) == [(date(2026, 11, 1), 2)]


def test_other_warehouses(tmp_path: Path) -> None:
    """A warehouse other than DuckDB brings its own tables: the load says so."""
    shop = orders(tmp_path, "1,2026-11-01,1\n")
    with pytest.raises(DataError, match="this warehouse, sqlite"):
        load(settings(tmp_path, shop, warehouse="sqlite:///facts.db"), CATALOG, now=NOW)
    with pytest.raises(DataError, match="names no sources"):
        loaded(tmp_path)


def test_progress(tmp_path: Path) -> None:
    """The progress names each source as it is read, and again once it has gone in."""
    told: list[tuple[str, int, int | None]] = []
    loaded(tmp_path, costs(tmp_path, "2026-11-01,tools,1\n"), progress=lambda *step: told.append(step))
    assert told == [("books", 0, 3), ("swap", 1, 3), ("books", 2, 3), ("done", 3, 3)]
