"""Several files of one source: a day belongs to one of them, unless they are two accounts."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading_side import loaded

from kpi_core.loading.load import LoadReport
from kpi_core.settings.values import Source

import long
from tables import read_tables

START = date(2026, 10, 1)
ADS = Source("ads", "csv", "ad_performance", options={"path": "exports/*.csv"})
Row = tuple[date, str, int]
"""Day, campaign, spend."""


def write(folder: Path, name: str, rows: Sequence[Row], *, time: int = 1_700_000_000) -> Path:
    exports = folder / "exports"
    exports.mkdir(exist_ok=True)
    lines = "".join(f"{day},{campaign},{spend}\n" for day, campaign, spend in rows)
    (exports / name).write_text("date,campaign,spend\n" + lines)
    os.utime(exports / name, (time, time))
    return exports / name


def days(first: int, last: int, campaign: str = "a", spend: int = 10) -> list[Row]:
    return [(date(2026, 10, day), campaign, spend) for day in range(first, last + 1)]


def stored(folder: Path, sql: str = "SELECT date, campaign, spend::int FROM ad_performance ORDER BY ALL") -> Any:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(sql).fetchall()


def overlap_of(report: LoadReport) -> Any:
    return report.sources[0].overlap


def test_a_day_belongs_to_the_newest_file(tmp_path: Path) -> None:
    """Two downloads of one report are not added up: the days of both come from the one that goes further."""
    write(tmp_path, "b.csv", days(1, 14, spend=10))
    write(tmp_path, "a.csv", days(8, 21, spend=20))
    report = loaded(tmp_path, ADS)
    assert stored(tmp_path) == days(1, 7) + days(8, 21, spend=20)
    overlap = overlap_of(report)
    assert overlap.files == ("exports/a.csv", "exports/b.csv")
    assert (list(overlap.settled), overlap.left_out) == ([day for day, *_ in days(8, 14)], 7)


@pytest.mark.parametrize(("older", "newer"), [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_files_of_the_same_days(tmp_path: Path, older: str, newer: str) -> None:
    """Where both go as far, the file that was written later counts, whatever it is called."""
    write(tmp_path, older, days(1, 5, spend=1), time=1_700_000_000)
    write(tmp_path, newer, days(3, 5, spend=2), time=1_700_000_001)
    loaded(tmp_path, ADS)
    assert stored(tmp_path) == days(1, 2, spend=1) + days(3, 5, spend=2)


def test_a_day_without_good_rows(tmp_path: Path) -> None:
    """A day of which the newest file has only rows that do not fit is not filled from an older one."""
    write(tmp_path, "a.csv", days(1, 3))
    broken = write(tmp_path, "b.csv", days(3, 5))
    broken.write_text(broken.read_text().replace("2026-10-03,a,10", "2026-10-03,a,ten"))
    loaded(tmp_path, Source("ads", "csv", "costs", options={"path": "exports/*.csv"},
                            columns={"category": "campaign", "amount": "spend"}))  # fmt: skip
    assert stored(tmp_path, "SELECT date FROM costs ORDER BY 1") == [(date(2026, 10, day),) for day in (1, 2, 4, 5)]
    findings = stored(tmp_path, "SELECT code, first_day, count FROM kpi_findings ORDER BY 1")
    assert ("days_missing", date(2026, 10, 3), 1) in findings
    assert any(code == "rows_kept_out" for code, *_ in findings)


def test_an_older_row_that_does_not_fit(tmp_path: Path) -> None:
    """A row of an older file that does not fit is nothing to mend once a newer file has its day."""
    older = write(tmp_path, "a.csv", days(1, 3))
    older.write_text(older.read_text() + "2026-10-03,a,ten\n")
    write(tmp_path, "b.csv", days(3, 4))
    assert loaded(tmp_path, ADS).rejected == 0


def test_two_accounts_are_added_up(tmp_path: Path) -> None:
    """Files that have no row in common are two accounts: both count, and that is told."""
    write(tmp_path, "de.csv", days(1, 3, "de"))
    write(tmp_path, "us.csv", days(2, 5, "us"))
    report = loaded(tmp_path, ADS)
    assert len(stored(tmp_path)) == 7
    assert overlap_of(report).added == (date(2026, 10, 2), date(2026, 10, 3))
    assert stored(tmp_path, "SELECT code, count FROM kpi_findings WHERE code LIKE 'acc%'") == [("accounts_added_up", 2)]


def test_rows_left_out_tell_a_report_too(tmp_path: Path) -> None:
    """Two downloads whose only common row does not fit are one report all the same."""
    older = write(tmp_path, "a.csv", days(1, 2))
    older.write_text(older.read_text() + "2026-10-02,b,x\n")
    write(tmp_path, "b.csv", days(2, 3, "b"))
    source = Source("ads", "csv", "costs", options={"path": "exports/*.csv"},
                    columns={"category": "campaign", "amount": "spend"})  # fmt: skip
    loaded(tmp_path, source)
    sql = "SELECT date, category FROM costs ORDER BY ALL"
    assert stored(tmp_path, sql) == [(day, name) for day, name, _ in days(1, 1) + days(2, 3, "b")]


def test_two_reports_of_two_accounts(tmp_path: Path) -> None:
    """Each account's day comes from its own newest file; the accounts count both."""
    for account in ("de", "us"):
        write(tmp_path, f"{account}-1.csv", days(1, 4, account, 1))
        write(tmp_path, f"{account}-2.csv", days(3, 6, account, 2))
    loaded(tmp_path, ADS)
    right = [row for account in ("de", "us") for row in days(1, 2, account, 1) + days(3, 6, account, 2)]
    assert stored(tmp_path) == sorted(right)


def test_a_far_date_makes_no_file_the_newest(tmp_path: Path) -> None:
    """A row of 2205 does not make an old download win over a new one."""
    older = write(tmp_path, "a.csv", days(1, 20, spend=1))
    older.write_text(older.read_text() + "2205-01-01,a,1\n")
    write(tmp_path, "b.csv", days(10, 25, spend=2))
    loaded(tmp_path, ADS)
    assert stored(tmp_path)[:25] == days(1, 9, spend=1) + days(10, 25, spend=2)


def test_keys_decide_where_there_are_some(tmp_path: Path) -> None:
    """Of one key the newest file's row counts, whatever day it has; all other rows of the day stay."""
    (tmp_path / "exports").mkdir()
    head = "order_id,ordered_at,revenue\n"
    (tmp_path / "exports" / "z.csv").write_text(head + "1,2026-10-01,1\n2,2026-10-02,1\n3,2026-10-02,1\n")
    (tmp_path / "exports" / "a.csv").write_text(head + "2,2026-10-03,2\n4,2026-10-02,2\n5,2026-10-04,2\n")
    report = loaded(tmp_path, Source("shop", "csv", "orders", options={"path": "exports/*.csv"}))
    sql = "SELECT order_id, revenue::int FROM orders ORDER BY ALL"
    assert stored(tmp_path, sql) == [("1", 1), ("2", 2), ("3", 1), ("4", 2), ("5", 2)]
    assert report.sources[0].repeated == 1


def test_logs_that_follow_each_other(tmp_path: Path) -> None:
    """Two logs that meet within a day have no instant in common: all their rows count."""
    (tmp_path / "exports").mkdir()
    head = "touched_at,customer_id,channel\n"
    (tmp_path / "exports" / "1.csv").write_text(head + "2026-10-01T10:00Z,k,a\n2026-10-02T01:00Z,k,a\n")
    (tmp_path / "exports" / "2.csv").write_text(head + "2026-10-02T02:00Z,k,a\n2026-10-03T10:00Z,k,a\n")
    loaded(tmp_path, Source("log", "csv", "touchpoints", options={"path": "exports/*.csv"}))
    assert stored(tmp_path, "SELECT count(*) FROM touchpoints") == [(4,)]


def test_parquet_files(tmp_path: Path) -> None:
    """Parquet files are told apart like any others, and a row by its file."""
    (tmp_path / "exports").mkdir()
    for name, first in (("a", 1), ("b", 8)):
        days_sql = f"range(DATE '2026-10-{first:02}', DATE '2026-10-{first + 14:02}', INTERVAL 1 DAY)"
        copy = f"COPY (SELECT range::DATE AS date, 'a' AS campaign, 10 AS spend FROM {days_sql})"
        duckdb.execute(f"{copy} TO '{tmp_path}/exports/{name}.parquet' (FORMAT parquet)")
    loaded(tmp_path, Source("ads", "parquet", "ad_performance", options={"path": "exports/*.parquet"}))
    assert stored(tmp_path) == days(1, 21)


LINES = Source(
    "shop", "csv", "orders", options={"path": "exports/*.csv"},
    query="""with lines as (select inv, day as d, qty * price as amount from source)
        select inv as order_id, min(d) as ordered_at, sum(amount) as revenue from lines group by inv""",
)  # fmt: skip


def test_files_behind_a_query(tmp_path: Path) -> None:
    """Files overlap before a query adds their rows up: lines of an invoice that came twice count once."""
    (tmp_path / "exports").mkdir()
    head, line = "inv,sku,day,qty,price\n", "{0},{1},2026-10-0{2},1,10\n"
    one = [("A", "x", 1), ("A", "y", 1), ("B", "x", 2), ("C", "x", 2)]
    two = [("B", "x", 2), ("C", "x", 2), ("C", "z", 2), ("D", "x", 3)]
    for name, rows in (("1.csv", one), ("2.csv", two)):
        (tmp_path / "exports" / name).write_text(head + "".join(line.format(*row) for row in rows))
    loaded(tmp_path, LINES)
    sql = "SELECT order_id, revenue::int FROM orders ORDER BY ALL"
    assert stored(tmp_path, sql) == [("A", 20), ("B", 10), ("C", 20), ("D", 10)]


def test_an_invoice_in_two_files(tmp_path: Path) -> None:
    """Files that follow each other may part an invoice: no line is in both, so all lines count."""
    (tmp_path / "exports").mkdir()
    head = "inv,sku,day,qty,price\n"
    (tmp_path / "exports" / "1.csv").write_text(head + "A,x,2026-10-01,1,10\nB,x,2026-10-02,1,10\n")
    (tmp_path / "exports" / "2.csv").write_text(head + "B,y,2026-10-02,1,10\nC,x,2026-10-03,1,10\n")
    loaded(tmp_path, LINES)
    assert stored(tmp_path, "SELECT sum(revenue)::int FROM orders") == [(40,)]


def test_a_query_that_hides_its_days(tmp_path: Path) -> None:
    """Where a query makes up the day of a row, its files cannot be compared, and that is told."""
    for name in ("1.csv", "2.csv"):
        file = write(tmp_path, name, days(1, 2))
        file.write_text(file.read_text().replace("date,", "at,"))
    query = "select date '2026-10-01' as date, campaign, sum(spend) as spend from source group by campaign"
    report = loaded(tmp_path, replace(ADS, query=query))
    assert overlap_of(report).hidden


@long.examples("random overlapping downloads", 3, 500)
@given(st.integers(0, 2**32))
def test_downloads_equal_the_truth(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """However the downloads of a report overlap, the table is the report as the newest of each day tells it."""
    chance, folder = random.Random(seed), tmp_path_factory.mktemp("downloads")
    campaigns = [f"c{n}" for n in range(chance.randint(1, 4))]
    truth: dict[tuple[date, str], int] = {}
    end = 0
    for number in range(chance.randint(1, 6)):
        end += chance.randint(0, 9)
        first = max(0, end - chance.randint(0, 14))
        window = [START + timedelta(days=n) for n in range(first, end + 1)]
        # The first campaign has a row every day, restated or not: so are two downloads known for one report.
        rows = [(day, name, chance.randint(1, 99)) for day in window for name in campaigns
                if name == "c0" or chance.random() < 0.7]  # fmt: skip
        write(folder, f"{chance.randint(0, 9)}-{number}.csv", rows, time=1_700_000_000 + number)
        truth = {place: spend for place, spend in truth.items() if place[0] not in window}
        truth |= {(day, name): spend for day, name, spend in rows}
    loaded(folder, ADS)
    assert stored(folder) == sorted((day, name, spend) for (day, name), spend in truth.items())
    shutil.rmtree(folder)


GA4 = Source("ga4", "csv", "traffic", layout="ga4/sessions", options={"path": "exports/*.csv"})
VISITS = "SELECT date, channel, page, sessions FROM traffic ORDER BY ALL"


def report(folder: Path, name: str, dimension: str, rows: Sequence[Row]) -> None:
    """Sessions of Google Analytics, divided by one dimension."""
    file = write(folder, name, rows)
    file.write_text(file.read_text().replace("date,campaign,spend", f"Date,{dimension},Sessions"))


@pytest.mark.parametrize(("first", "second"), [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_two_reports_of_one_property(tmp_path: Path, first: str, second: str) -> None:
    """Sessions by channel and by page share no row and still are the same sessions: each day counts once."""
    report(tmp_path, first, "Landing page", [*days(1, 3, "/", 4), *days(1, 3, "/a", 6)])
    report(tmp_path, second, "Session default channel group", days(2, 4, "Direct", 10))
    (load,) = loaded(tmp_path, GA4).sources
    october = [date(2026, 10, day) for day in range(1, 5)]
    by_page = [(october[0], None, "/", 4), (october[0], None, "/a", 6)]
    assert stored(tmp_path, VISITS) == [*by_page, *((day, "direct", None, 10) for day in october[1:])]
    assert load.overlap.cut == {october[1]: 2, october[2]: 2}
    assert load.overlap.cut_files == (f"exports/{second}", f"exports/{first}")


def test_a_report_that_leaves_something_out(tmp_path: Path) -> None:
    """Of two reports the larger one of a day counts: one may hold ten pages alone, the other end at its download."""
    report(tmp_path, "a.csv", "Landing page", [*days(1, 2, "/", 4), *days(1, 2, "/a", 6)])
    report(tmp_path, "b.csv", "Session default channel group", [*days(1, 1, "Direct", 12), *days(2, 2, "Direct", 3)])
    loaded(tmp_path, GA4)
    assert stored(tmp_path, "SELECT date, sum(sessions)::int FROM traffic GROUP BY 1 ORDER BY 1") == [
        (date(2026, 10, 1), 12),
        (date(2026, 10, 2), 10),
    ]


def test_two_accounts_and_another_report_of_both(tmp_path: Path) -> None:
    """Two properties by channel are added up, and a report of both by page is no third."""
    report(tmp_path, "a.csv", "Session default channel group", days(1, 2, "Direct", 4))
    report(tmp_path, "b.csv", "Session default channel group", days(1, 2, "Email", 6))
    report(tmp_path, "c.csv", "Landing page", days(1, 2, "/", 10))
    loaded(tmp_path, GA4)
    assert stored(tmp_path, "SELECT sum(sessions)::int, count(page) FROM traffic") == [(20, 0)]


PAGES, CHANNELS = "Landing page", "Session default channel group"


def two_sites(folder: Path) -> None:
    """One property by page, another by channel, the first always larger: nothing in the files says which it is."""
    report(folder, "a.csv", PAGES, [(date(2026, 10, day), "/", 400 + 7 * day) for day in range(1, 11)])
    report(folder, "b.csv", CHANNELS, [(date(2026, 10, day), "Direct", 310 + 5 * day) for day in range(1, 11)])


def findings(folder: Path) -> Any:
    return stored(folder, "SELECT code, count FROM kpi_findings WHERE code IN ('reports_or_accounts', "
                          "'accounts_added_up', 'days_in_two_files') ORDER BY 1")  # fmt: skip


@pytest.mark.parametrize(
    ("accounts", "sessions", "told"),
    [
        (None, 4385, [("reports_or_accounts", 10)]),
        ("one", 4385, [("days_in_two_files", 10)]),
        ("several", 4385 + 3375, []),
    ],
)
def test_reports_that_may_be_of_two_accounts(tmp_path: Path, accounts: Any, sessions: int, told: Any) -> None:
    """Where nothing proves it, one of two reports counts and answers say so, until kpi.yaml says what they are."""
    two_sites(tmp_path)
    loaded(tmp_path, replace(GA4, accounts=accounts))
    assert stored(tmp_path, "SELECT sum(sessions)::int FROM traffic") == [(sessions,)]
    assert findings(tmp_path) == told


def test_reports_that_prove_what_they_are(tmp_path: Path) -> None:
    """Equal days are of one property, days on which now this, now that one is far larger of two."""
    same, other = [400 + 7 * day for day in range(1, 7)], [900, 100, 901, 102, 903, 104]
    for name, amounts, told in (("one", same, ["days_in_two_files"]), ("two", other, ["accounts_added_up"])):
        folder = tmp_path / name
        folder.mkdir()
        report(folder, "a.csv", PAGES, [(START + timedelta(days=n), "/", amount) for n, amount in enumerate(same)])
        report(
            folder, "b.csv", CHANNELS, [(START + timedelta(days=n), "Direct", each) for n, each in enumerate(amounts)]
        )
        loaded(folder, GA4)
        total = sum(same) if name == "one" else sum(same) + sum(other)
        assert stored(folder, "SELECT sum(sessions)::int FROM traffic") == [(total,)]
        assert [code for code, _count in findings(folder)] == told
