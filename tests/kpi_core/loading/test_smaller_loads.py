"""Loads that bring less than before: no half-written file lowers a number in silence."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading_side import costs, loaded, orders, sentences

from kpi_core.loading.load import LoadReport

import long
from tables import read_tables

START = date(2026, 10, 1)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(sql).fetchall()


def order_lines(count: int) -> list[str]:
    return [f"{n},{START + timedelta(days=n % 28)} 12:00,10\n" for n in range(count)]


def code_of(report: LoadReport) -> str | None:
    error = report.sources[0].error
    return error.code if error else None


def test_a_load_of_under_half_asks(tmp_path: Path) -> None:
    """120 rows where 400 were: the old ones stay until somebody accepts the new ones; the finding names the days."""
    loaded(tmp_path, orders(tmp_path, "".join(order_lines(400))))
    half = orders(tmp_path, "".join(order_lines(120)))
    report = loaded(tmp_path, half)
    assert code_of(report) == "load_shrunk"
    assert report.failed[0].error
    assert report.failed[0].error.message.startswith("120 rows where 400 were")
    assert rows(tmp_path, "SELECT count(*) FROM orders") == [(400,)]
    finding = "SELECT first_day, last_day, count, total FROM kpi_findings WHERE code = 'load_shrunk'"
    assert rows(tmp_path, finding) == [(START, date(2026, 10, 28), 120, 400)]
    assert code_of(loaded(tmp_path, half, accept=True)) is None
    assert rows(tmp_path, "SELECT count(*) FROM orders") == [(120,)]
    assert rows(tmp_path, finding) == []


def test_half_is_enough(tmp_path: Path) -> None:
    """Half of the rows or more go in, and the load says on which days there are fewer."""
    loaded(tmp_path, orders(tmp_path, "".join(order_lines(56))))
    report = loaded(tmp_path, orders(tmp_path, "".join(order_lines(28))))
    assert rows(tmp_path, "SELECT count(*) FROM orders") == [(28,)]
    assert sentences(report.sources[0]) == (
        "28 days have fewer rows than before, the last 28 October 2026: 1 where 2 were",
    )


def test_other_days_do_not_count(tmp_path: Path) -> None:
    """A file of one new week asks nothing, however many rows there are of all other weeks."""
    loaded(tmp_path, orders(tmp_path, "".join(order_lines(400))))
    week = "".join(f"n{n},{date(2026, 11, 1 + n)} 12:00,10\n" for n in range(7))
    assert code_of(loaded(tmp_path, orders(tmp_path, week))) is None
    assert rows(tmp_path, "SELECT count(*) FROM orders") == [(407,)]


def test_a_few_rows_may_become_fewer(tmp_path: Path) -> None:
    """Five costs of a month that become two are somebody's work: they go in, and that is told."""
    loaded(tmp_path, costs(tmp_path, "".join(f"2026-10-{day:02},tools,1\n" for day in (1, 8, 15, 22, 31))))
    report = loaded(tmp_path, costs(tmp_path, "2026-10-01,tools,1\n2026-10-31,tools,1\n"))
    assert rows(tmp_path, "SELECT count(*) FROM costs") == [(2,)]
    assert "fewer rows" in "".join(sentences(report.sources[0]))


def test_a_line_that_is_cut_off(tmp_path: Path) -> None:
    """A file that ends within a line, as it did not before, is not taken: 1000 must not become 10."""
    shop = orders(tmp_path, "1,2026-10-01,5\n2,2026-10-02,1000\n")
    loaded(tmp_path, shop)
    file = tmp_path / "shop.csv"
    file.write_text(file.read_text()[:-3])
    assert code_of(loaded(tmp_path, shop)) == "load_cut_off"
    assert rows(tmp_path, "SELECT sum(revenue)::int FROM orders") == [(1005,)]
    loaded(tmp_path, shop, accept=True)
    assert rows(tmp_path, "SELECT sum(revenue)::int FROM orders") == [(15,)]
    file.write_text(file.read_text() + "\n3,2026-10-03,7")
    assert code_of(loaded(tmp_path, shop)) is None


def totals(folder: Path) -> Mapping[date, Decimal]:
    return dict(rows(folder, "SELECT ordered_at::date, sum(revenue) FROM orders GROUP BY 1"))


@long.examples("files cut at any byte", 3, 500)
@given(seed=st.integers(0, 2**32), sorted_by_day=st.booleans())
def test_a_file_cut_anywhere(tmp_path_factory: pytest.TempPathFactory, seed: int, sorted_by_day: bool) -> None:
    """Whatever byte a file is cut at, no day has less than before without a word of the load."""
    chance, folder = random.Random(seed), tmp_path_factory.mktemp("cut")
    lines = [
        f'{n},{START + timedelta(days=chance.randrange(20))} 1{n % 10}:00,"{chance.randint(1, 9999)}"\n'
        for n in range(chance.randint(1, 60))
    ]
    shop = orders(folder, "".join(sorted(lines, key=lambda line: line.partition(",")[2]) if sorted_by_day else lines))
    loaded(folder, shop)
    before, file = totals(folder), folder / "shop.csv"
    whole = file.read_bytes()
    file.write_bytes(whole[: chance.randrange(len(whole))])
    load = loaded(folder, shop).sources[0]
    after = totals(folder)
    if any(after.get(day, Decimal(0)) < amount for day, amount in before.items()):
        assert load.error or load.rejected or any(notice.key == "load.fewer_rows" for notice in load.warnings)
