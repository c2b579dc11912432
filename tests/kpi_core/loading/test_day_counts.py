"""Each day is held against the same day of the load before, through real loads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from loading_side import CATALOG, NOW, csv, settings

from kpi_core.health.facts import Code, Finding
from kpi_core.loading.load import load
from kpi_core.settings.values import Source
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.health_tables import read_health

CODES: frozenset[Code] = frozenset({"rows_gone", "rows_added", "rows_doubled", "values_gone", "values_changed"})
Line = tuple[object, ...]
"""Order, day of October, channel, campaign."""
ORDERS: list[Line] = [(n, 1 + n % 20, ("search", "social")[n % 2], "autumn") for n in range(200)]


def shop(folder: Path, lines: Iterable[Line], **changes: Any) -> Source:
    text = "".join(
        f"{order},2026-10-{day:02} 12:00,{channel},{campaign},5\n" for order, day, channel, campaign in lines
    )
    return csv(folder, "shop", "orders", "order_id,ordered_at,channel,campaign,revenue\n" + text, **changes)


def ads(folder: Path, lines: Iterable[tuple[object, ...]], **changes: Any) -> Source:
    text = "".join(f"2026-{day},{campaign},5\n" for day, campaign in lines)
    return csv(folder, "ads", "ad_performance", "date,campaign,spend\n" + text, **changes)


def differences(folder: Path, *sources: Source, days: int = 0, **options: Any) -> list[Finding]:
    """Load some days later: what differs from the load before."""
    report = load(settings(folder, *sources), CATALOG, now=NOW + timedelta(days=days), **options)
    assert not report.failed
    with closing(DuckDBWarehouse(folder / "kpi.duckdb")) as warehouse:
        return [finding for finding in read_health(warehouse).findings if finding.code in CODES]


def october(first: int, last: int) -> tuple[date, date]:
    return date(2026, 10, first), date(2026, 10, last + 1)


def test_rows_that_are_gone(tmp_path: Path) -> None:
    """Rows that the load before had are told for a week, each time; then what there is is taken as it is."""
    assert differences(tmp_path, shop(tmp_path, ORDERS)) == []
    fewer = [line for line in ORDERS if line[1] not in {5, 6}]
    gone = Finding("rows_gone", "shop", "orders", days=october(5, 6), count=20, total=20)
    assert differences(tmp_path, shop(tmp_path, fewer), days=1) == [gone]
    assert differences(tmp_path, shop(tmp_path, fewer), days=7) == [gone]
    assert differences(tmp_path, shop(tmp_path, fewer), days=9) == []
    assert differences(tmp_path, shop(tmp_path, fewer), days=10) == []


def test_rows_that_are_back(tmp_path: Path) -> None:
    """As soon as the rows are there again, nothing is told; nor is it when they are gone anew and come back."""
    fewer = [line for line in ORDERS if line[0] != 44]
    for lines, told in ((ORDERS, 0), (fewer, 1), (ORDERS, 0), (fewer, 1), (ORDERS, 0)):
        assert len(differences(tmp_path, shop(tmp_path, lines))) == told


def test_a_week_is_over_once(tmp_path: Path) -> None:
    """Rows that are gone for the second time, long after, are told for a week again."""
    fewer = [line for line in ORDERS if line[0] != 44]
    for day, lines, told in (
        (0, ORDERS, 0),
        (1, fewer, 1),
        (2, ORDERS, 0),
        (30, fewer, 1),
        (36, fewer, 1),
        (38, fewer, 0),
    ):
        assert len(differences(tmp_path, shop(tmp_path, lines), days=day)) == told, day


def test_accepted(tmp_path: Path) -> None:
    """What somebody accepts is what the next load is held against."""
    fewer = [line for line in ORDERS if line[1] != 5]
    differences(tmp_path, shop(tmp_path, ORDERS))
    assert len(differences(tmp_path, shop(tmp_path, fewer))) == 1
    assert differences(tmp_path, shop(tmp_path, fewer), accept=True) == []
    assert differences(tmp_path, shop(tmp_path, fewer)) == []
    (again,) = differences(tmp_path, shop(tmp_path, [line for line in fewer if line[1] != 6]))
    assert again.days == october(6, 6)


def test_late_rows(tmp_path: Path) -> None:
    """Rows that come in within a week are usual; many that come later are told, with what there was."""
    early = [line for line in ORDERS if line[1] != 5] + [line for line in ORDERS if line[1] == 5][:4]
    now = NOW.replace(month=10, day=9)
    report = load(settings(tmp_path, shop(tmp_path, early)), CATALOG, now=now)
    assert not report.failed
    assert differences(tmp_path, shop(tmp_path, ORDERS), days=-44) == []
    more = [*ORDERS, *((f"late {n}", 7, "search", "autumn") for n in range(5))]
    added = Finding("rows_added", "shop", "orders", days=october(7, 7), count=5, total=10)
    assert differences(tmp_path, shop(tmp_path, more)) == [added]


def test_days_that_no_load_had(tmp_path: Path) -> None:
    """New days are only new, before the others and after them."""
    middle = [line for line in ORDERS if line[1] in range(8, 12)]
    differences(tmp_path, shop(tmp_path, middle))
    assert differences(tmp_path, shop(tmp_path, ORDERS), days=1) == []


def test_values_that_are_gone(tmp_path: Path) -> None:
    """Values of a column that are empty now are told with the column, where the rows are there."""
    differences(tmp_path, shop(tmp_path, ORDERS))
    blank = [(*line[:3], "" if line[1] == 9 else line[3]) for line in ORDERS]
    gone = Finding("values_gone", "shop", "orders", "campaign", days=october(9, 9), count=10, total=10)
    assert differences(tmp_path, shop(tmp_path, blank)) == [gone]
    more = [*blank, ("late", 9, "search", "")]
    assert differences(tmp_path, shop(tmp_path, more)) == [dataclasses.replace(gone, count=10)]


def test_words_that_differ(tmp_path: Path) -> None:
    """One word written otherwise is told with its column; in capitals or with a space it is the same word."""
    differences(tmp_path, shop(tmp_path, ORDERS))
    wrong = [(*line[:3], "autunm" if line[0] == 28 else line[3]) for line in ORDERS]
    (changed,) = differences(tmp_path, shop(tmp_path, wrong))
    assert (changed.code, changed.column, changed.days) == ("values_changed", "campaign", october(9, 9))
    cased = [(*line[:3], " AUTUMN" if line[0] == 28 else line[3]) for line in ORDERS]
    assert differences(tmp_path, shop(tmp_path, cased)) == []


def test_rows_that_stand_twice(tmp_path: Path) -> None:
    """A row more without a new one among them is a copy, also of yesterday, also where the source has equal rows."""
    tools = [(f"{10 + n % 2}-{1 + n % 20:02}", "brand") for n in range(80)]
    differences(tmp_path, ads(tmp_path, tools))
    (copy,) = differences(tmp_path, ads(tmp_path, [*tools, ("11-20", "brand")]))
    assert (copy.code, copy.days, copy.count) == ("rows_doubled", (date(2026, 11, 20), date(2026, 11, 21)), 1)


def test_rows_that_differ_in_spelling_alone(tmp_path: Path) -> None:
    """Brand and brand, two campaigns with the same numbers of a day, are no copies; a third row of them is one."""
    days = [f"{month}-{day:02}" for month in (10, 11) for day in range(1, 21)]
    own = [(day, "brand") for day in days]
    twins = [*own, ("10-05", "Brand"), ("11-19", " BRAND")]
    assert differences(tmp_path, ads(tmp_path, twins)) == []
    assert differences(tmp_path, ads(tmp_path, twins), days=1) == []
    november = [line for line in twins if line[0] > "11"]
    assert differences(tmp_path, ads(tmp_path, november), days=1) == []
    copied = [*november, ("11-19", "brand")]
    assert [(each.code, each.count) for each in differences(tmp_path, ads(tmp_path, copied), days=1)] == [
        ("rows_doubled", 1), ("rows_doubled", 1)
    ]  # fmt: skip


def test_a_row_for_another(tmp_path: Path) -> None:
    """An order in the place of another one is told to what reads orders by name, though no number of rows differs."""
    differences(tmp_path, shop(tmp_path, ORDERS))
    (changed,) = differences(tmp_path, shop(tmp_path, [*ORDERS[1:], ("new", 1, "search", "autumn")], replace="all"))
    assert (changed.code, changed.column) == ("values_changed", "order_id")


def test_days_that_are_not_in_the_file(tmp_path: Path) -> None:
    """A file of some days leaves the others as they are; under `replace: all` they are gone, and told."""
    second = [line for line in ORDERS if line[1] > 8]
    differences(tmp_path, shop(tmp_path, ORDERS))
    assert differences(tmp_path, shop(tmp_path, second)) == []
    (gone,) = differences(tmp_path, shop(tmp_path, second, replace="all"))
    assert (gone.code, gone.days, gone.count) == ("rows_gone", october(1, 8), 80)


def test_since(tmp_path: Path) -> None:
    """With --since, the days before it are not looked at, for they were not read."""
    fewer = [line for line in ORDERS if line[1] not in {3, 15}]
    differences(tmp_path, shop(tmp_path, ORDERS))
    (gone,) = differences(tmp_path, shop(tmp_path, fewer), since=date(2026, 10, 10))
    assert gone.days == october(15, 15)


def test_a_source_that_kpi_yaml_no_longer_names(tmp_path: Path) -> None:
    """What is known of its days goes with its rows: named again, it is new."""
    other = ads(tmp_path, [("10-01", "brand")])
    differences(tmp_path, shop(tmp_path, ORDERS), other)
    differences(tmp_path, other)
    assert differences(tmp_path, shop(tmp_path, ORDERS[:50]), other) == []
