"""One value has one spelling: width, case and spaces do not make two rows of it; signs do."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from loading_side import CATALOG, NOW, csv, loaded, orders, settings

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.query import Filter, MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Goal, Source
from kpi_core.sql.spelling import folded, folded_sql
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import read_tables


def values(folder: Path, sql: str) -> list[Any]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return [value for (value,) in snapshot.execute(sql).fetchall()]


def ads(folder: Path, *rows: str, name: str = "ads") -> Source:
    lines = [f"2026-11-{number:02},{row},1" for number, row in enumerate(rows, start=1)]
    return csv(folder, name, "ad_performance", "\n".join(["date,channel,spend", *lines]) + "\n")


def channels(folder: Path, table: str = "ad_performance") -> list[str]:
    return values(folder, f"SELECT channel FROM {table} ORDER BY ALL")


def test_the_commonest_spelling_stays(tmp_path: Path) -> None:
    """Two Google, one google and one of full width are Google."""
    loaded(tmp_path, ads(tmp_path, "Google", "google", "Google", "ＧＯＯＧＬＥ"))
    assert channels(tmp_path) == ["Google"] * 4


@pytest.mark.parametrize(
    ("first", "second"),
    [("brand  x", "Brand X "), ("카페\u00a0라떼", "카페 라떼"), ("ｶﾞｰﾙ", "ガール"), ("가", "가"), ("é", "e\u0301")],
)
def test_what_is_one_value(tmp_path: Path, first: str, second: str) -> None:
    """Runs of spaces, half width, letters put together of parts."""
    loaded(tmp_path, ads(tmp_path, first, second))
    assert len(set(channels(tmp_path))) == 1


@pytest.mark.parametrize(("first", "second"), [("A", "A-"), ("🔥", "⭐"), ("x²", "x2"), ("c++", "c"), ("no 1", "no1")])
def test_signs_are_not_folded(tmp_path: Path, first: str, second: str) -> None:
    """A sign more is another value."""
    loaded(tmp_path, ads(tmp_path, first, second))
    assert sorted(channels(tmp_path)) == sorted([first, second])


def test_identifiers_stay(tmp_path: Path) -> None:
    """Orders a1 and A1 are two, of two customers."""
    source = csv(
        tmp_path, "shop", "orders", "order_id,customer_id,ordered_at,revenue\na1,k,2026-11-01,1\nA1,K,2026-11-01,2\n"
    )
    loaded(tmp_path, source)
    assert values(tmp_path, "SELECT order_id || customer_id FROM orders ORDER BY ALL") == ["A1K", "a1k"]


def test_tables_of_a_company_meet(tmp_path: Path) -> None:
    """Orders of google and costs of GOOGLE take the spelling of the ads, which is the commonest."""
    shop = csv(tmp_path, "shop", "orders", "order_id,ordered_at,revenue,channel\n1,2026-11-01,1,google \n")
    loaded(tmp_path, ads(tmp_path, "Google", "Google"), shop)
    assert channels(tmp_path, "orders") == ["Google"]


def test_one_source_at_a_time(tmp_path: Path) -> None:
    """What is loaded alone takes the spelling of what is there; where it becomes the commonest, all take its own."""
    shop = orders(tmp_path, "1,2026-11-01,1\n")
    few, many = ads(tmp_path, "Google", "Meta"), ads(tmp_path, "GOOGLE", "GOOGLE", "meta", name="more")
    loaded(tmp_path, few, many, shop, only="ads")
    assert channels(tmp_path) == ["Google", "Meta"]
    loaded(tmp_path, few, many, shop, only="more")
    assert channels(tmp_path) == ["GOOGLE"] * 3 + ["meta"] * 2


def test_a_restated_day_says_how_it_is_spelled_now(tmp_path: Path) -> None:
    """Rows that a load replaces have no say in the spelling."""
    loaded(tmp_path, ads(tmp_path, "GOOGLE", "GOOGLE"))
    loaded(tmp_path, ads(tmp_path, "Google", "google", "google"))
    assert channels(tmp_path) == ["google"] * 3


def test_the_same_rows_however_often_they_are_loaded(tmp_path: Path) -> None:
    """A second load of the same files changes nothing."""
    sources = ads(tmp_path, "Google", "google", "Google"), orders(tmp_path, "1,2026-11-01,1\n")
    loaded(tmp_path, *sources)
    before = values(tmp_path, "SELECT ad_performance FROM ad_performance")
    loaded(tmp_path, *sources)
    assert values(tmp_path, "SELECT ad_performance FROM ad_performance") == before


@pytest.mark.parametrize(
    "text", ["Google", "ＧＯＯＧＬＥ", " a  b\u3000c ", "ｶﾞ", "İstanbul", "Straße", "ΣΑΣ", "\u200bx\ufeff", "🔥"]
)
def test_python_and_sql_fold_alike(text: str) -> None:
    """What people type meets what is stored."""
    assert duckdb.execute(f"SELECT {folded_sql('text')} FROM (SELECT ? AS text)", [text]).fetchall() == [
        (folded(text),)
    ]


def test_one_row_of_a_split_one_filter_one_goal(tmp_path: Path) -> None:
    """CAC by channel over Google, google and GOOGLE of three tables is one row; a filter and a goal find it, too."""
    sources = (
        csv(tmp_path, "ads", "ad_performance", "date,channel,spend\n2026-10-01,Google,100\n2026-10-31,Meta,50\n"),
        csv(
            tmp_path,
            "shop",
            "orders",
            """
            order_id,customer_id,ordered_at,channel,revenue
            a,k,2026-10-01 12:00,google,10
            b,l,2026-10-31 12:00,meta,10
            c,m,2026-10-02 12:00,google ,10
            """,
        ),
        csv(tmp_path, "books", "costs", "date,category,channel,amount\n2026-10-05,tools,GOOGLE,30\n"),
    )
    loaded(tmp_path, *sources)
    goal = Goal("cac", 60, date(2026, 12, 31), where={"channel": "GOOGLE"})
    workspace = replace(settings(tmp_path, *sources), goals=(goal,))
    with closing(DuckDBWarehouse(tmp_path / "kpi.duckdb")) as warehouse:
        engine = Engine(workspace, CATALOG, warehouse)

        def ask(question: str) -> Answer:
            query = parse_question(question, engine.vocabulary(), workspace.calendar, engine.today(NOW))
            return engine.answer(query, NOW)

        split = ask("cac 2026-10 by channel").breakdown
        assert split is not None
        assert {row.keys: row.value for row in split} == {("google",): 65, ("meta",): 50}
        assert ask("paid_cac 2026-10").value == 50
        answer = ask("cac 2026-10 where channel=Google")
        assert answer.value == 65
        assert answer.goal is not None
        query = MetricQuery(
            "cac", Period(date(2026, 10, 1), date(2026, 11, 1)), filters=(Filter("channel", ("Google",)),)
        )
        assert engine.answer(query, NOW).value == 65
