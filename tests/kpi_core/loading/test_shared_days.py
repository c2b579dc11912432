"""Several sources of one table: what two of them have of the same thing counts once, and what may be is told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading_side import loaded, sentences

from kpi_core.loading.downloads.alike_totals import kinship
from kpi_core.settings.values import Source

import long
from tables import read_tables

META = "Campaign name,Day,Amount spent (KRW),Impressions,Link clicks,Reporting starts,Reporting ends"
ONE_DAY = "Reporting starts,Reporting ends,Ad set name,Amount spent (KRW),Impressions,Link clicks"
BY_DAY = Source("meta", "csv", "ad_performance", layout="meta_ads/by_day", options={"path": "a.csv"})
BY_SET = Source("meta 2", "csv", "ad_performance", layout="meta_ads/one_day_rows", options={"path": "b.csv"})
LIST = Source("list", "csv", "ad_performance", options={"path": "c.csv"})
Row = tuple[date, str, int, int]
"""Day, name, spend, impressions."""


def october(first: int, last: int, seed: int = 1, name: str = "a") -> list[Row]:
    chance = random.Random(seed)
    rows = [
        (date(2026, 10, day), name, chance.randint(101, 999), chance.randint(10_001, 99_999)) for day in range(1, 32)
    ]
    return [row for row in rows if first <= row[0].day <= last]


def by_day(folder: Path, rows: Sequence[Row]) -> None:
    lines = [f"{name},{day},{spend},{shown},7,2026-10-01,2026-10-31" for day, name, spend, shown in rows]
    (folder / "a.csv").write_text("\n".join([META, *lines]) + "\n")


def by_set(folder: Path, rows: Sequence[Row]) -> None:
    lines = [f"{day},{day},{name},{spend},{shown},7" for day, name, spend, shown in rows]
    (folder / "b.csv").write_text("\n".join([ONE_DAY, *lines]) + "\n")


def stored(folder: Path, sql: str) -> Any:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(sql).fetchall()


def spend(folder: Path) -> int:
    return int(stored(folder, "SELECT sum(spend) FROM ad_performance")[0][0])


def findings(folder: Path) -> Any:
    return stored(
        folder, "SELECT code, source, examples, count FROM kpi_findings WHERE code LIKE '%sources%' ORDER BY 1"
    )


def test_one_account_through_two_layouts(tmp_path: Path) -> None:
    """Campaigns by day and ad sets of one day a row are the same money: each day counts once, and both are named."""
    by_day(tmp_path, october(1, 20))
    by_set(tmp_path, october(11, 31, name="set"))
    first, second = loaded(tmp_path, BY_DAY, BY_SET).sources
    assert (first.error, second.error) == (None, None)
    assert spend(tmp_path) == sum(row[2] for row in october(1, 31))
    assert stored(tmp_path, "SELECT max(date) FROM ad_performance WHERE campaign = 'a'") == [(date(2026, 10, 10),)]
    assert findings(tmp_path) == [("days_in_two_sources", "meta", ["meta 2"], 10)]
    assert any("meta and meta 2 have the same numbers" in text for text in sentences(first))


def test_a_day_that_was_restated(tmp_path: Path) -> None:
    """Of a day that one of the two has more of, that one counts, whichever source is later in kpi.yaml."""
    rows = october(1, 10)
    by_day(tmp_path, [*rows[:-1], (rows[-1][0], "a", rows[-1][2] + 50, rows[-1][3])])
    by_set(tmp_path, rows)
    loaded(tmp_path, BY_DAY, BY_SET)
    assert spend(tmp_path) == sum(row[2] for row in rows) + 50


def test_a_source_that_goes(tmp_path: Path) -> None:
    """What one source had in another's place comes back with it, and goes again with the next load."""
    by_day(tmp_path, october(1, 20))
    by_set(tmp_path, october(11, 31))
    loaded(tmp_path, BY_DAY, BY_SET)
    (tmp_path / "c.csv").write_text("date,campaign,spend\n2026-11-01,x,5\n")
    loaded(tmp_path, BY_DAY, LIST, only="list")
    assert spend(tmp_path) == sum(row[2] for row in october(1, 20)) + 5
    assert findings(tmp_path) == []


def test_two_accounts_of_one_tool(tmp_path: Path) -> None:
    """Other numbers on the same days are two accounts: both count and both are named, until kpi.yaml says so itself."""
    by_day(tmp_path, october(1, 20))
    by_set(tmp_path, october(11, 31, seed=2))
    loaded(tmp_path, BY_DAY, BY_SET)
    right = sum(row[2] for row in [*october(1, 20), *october(11, 31, seed=2)])
    assert spend(tmp_path) == right
    assert findings(tmp_path) == [("sources_added_up", "meta 2", ["meta"], 10)]
    loaded(tmp_path, BY_DAY, replace(BY_SET, accounts="several"))
    assert (spend(tmp_path), findings(tmp_path)) == (right, [])


def test_a_list_of_several_tools(tmp_path: Path) -> None:
    """A team's own list of all its ads has what Meta's export has: Meta counts once, the others of the list count."""
    by_day(tmp_path, october(1, 20))
    lines = [f"{day},meta,{spend},{shown}" for day, _name, spend, shown in october(5, 25)]
    lines += [f"{day},google,{spend},{shown}" for day, _name, spend, shown in october(1, 31, seed=3)]
    (tmp_path / "c.csv").write_text("\n".join(["date,platform,spend,impressions", *lines]) + "\n")
    loaded(tmp_path, BY_DAY, LIST)
    assert spend(tmp_path) == sum(row[2] for row in [*october(1, 25), *october(1, 31, seed=3)])


def test_other_tools_are_no_matter(tmp_path: Path) -> None:
    """Two tools with other numbers are added up, and nobody hears of it."""
    by_day(tmp_path, october(1, 20))
    lines = [f"{day},{name},{spend}" for day, name, spend, _shown in october(1, 31, seed=4)]
    (tmp_path / "c.csv").write_text("\n".join(["date,campaign,spend", *lines]) + "\n")
    loaded(tmp_path, BY_DAY, LIST)
    assert spend(tmp_path) == sum(row[2] for row in [*october(1, 20), *october(1, 31, seed=4)])
    assert findings(tmp_path) == []


def test_sales_of_two_systems(tmp_path: Path) -> None:
    """A shop's orders and its payments, under ids of their own, are the same sales; other sales of a day are added."""
    rows = october(1, 20)
    orders, payments = ([(f"{name}{day.day}", f"{day}T12:00Z", spend) for day, _name, spend, _shown in rows]
                        for name in ("#", "ch_"))  # fmt: skip
    market = [(f"m{day.day}", f"{day}T12:00Z", spend) for day, _name, spend, _shown in october(1, 31, seed=5)]
    sources = []
    for name, listed in (("shop", orders), ("payments", payments), ("market", market)):
        lines = [f"{number},{at},{amount}" for number, at, amount in listed]
        (tmp_path / f"{name}.csv").write_text("\n".join(["order_id,ordered_at,revenue", *lines]) + "\n")
        sources.append(Source(name, "csv", "orders", options={"path": f"{name}.csv"}))
    loaded(tmp_path, *sources)
    right = sum(row[2] for row in [*rows, *october(1, 31, seed=5)])
    assert stored(tmp_path, "SELECT sum(revenue)::int FROM orders") == [(right,)]
    assert findings(tmp_path) == [("days_in_two_sources", "shop", ["payments"], 20)]


Sums = dict[object, Decimal | float | None]


def sums(*amounts: float) -> Sums:
    return {date(2026, 10, 1) + timedelta(days=n): Decimal(str(amount)) for n, amount in enumerate(amounts)}


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (sums(412, 398, 455, 501), sums(412, 398, 455, 498), "one"),  # the last day was not over
        (sums(412, 398), sums(412, 398), "one"),
        (sums(50_000, 50_000, 50_000, 50_000), sums(50_000, 50_000, 50_000, 50_000), "open"),  # a budget, spent daily
        (sums(3, 7, 5, 4, 6), sums(3, 7, 5, 4, 6), "open"),  # small numbers meet by chance
        (sums(412, 398, 455, 501), sums(300, 280, 333, 377), "open"),  # a report that leaves something out
        (sums(412, 100, 455, 101, 512, 90), sums(99, 398, 101, 501, 102, 477), "two"),
        (sums(), sums(412), "open"),
    ],
)
def test_kinship(one: Sums, other: Sums, told: str) -> None:
    """One account by equal days, two by days on which now this, now that one is far larger; the rest is open."""
    assert kinship([(one, other)]) == kinship([(other, one)]) == told


def test_strangers_need_more(tmp_path: Path) -> None:
    """A single day of sources of two tools proves nothing by one amount, by three it does."""
    pair = sums(412), sums(412)
    assert kinship([pair], strangers=True) == "open"
    assert kinship([pair, (sums(10_411), sums(10_411)), (sums(777), sums(777))], strangers=True) == "one"


@long.examples("accounts that are not one", 60, 5_000)
@given(st.integers(0, 2**32))
def test_chance_makes_no_one(seed: int) -> None:
    """Two accounts with figures of their own are never taken for one, however alike they are in size."""
    chance = random.Random(seed)
    size = chance.choice([300, 3_000, 300_000])
    ours, others = ([chance.gauss(size, size / 10) // 1 for _day in range(chance.randint(3, 60))] for _side in range(2))
    assert kinship([(sums(*ours), sums(*others))]) != "one"
