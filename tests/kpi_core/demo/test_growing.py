"""The demo company lives on with the clock: with its new days it is what it would be if made that day."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from demo_side import FRIDAY, own_demo, shared_demo
from shipped import ROOT

from bot.demo_workspace import build_demo, demo_folder, demo_workspace, earlier_demo
from bot.sandbox.local_product import grow_demo
from bot.terminal.card import terminal_card
from kpi_core.access.operator import OPERATOR
from kpi_core.demo.generate import TABLES
from kpi_core.demo.write import write_demo
from kpi_core.formats.numbers import value_text

import long

README = (ROOT / "README.md").read_text("utf-8")
PICTURED = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("America/New_York"))
TODAY, LATER = FRIDAY, date(2026, 12, 2)
BILLED = date(2026, 12, 10)
"""The day after the late bill was entered."""


def test_a_company_that_has_grown_is_the_company_of_that_day(tmp_path: Path) -> None:
    """Over a month's turn: each table holds the same rows, of which only the newest and small tables were loaded."""
    workspace = own_demo(tmp_path / "own", TODAY)
    with duckdb.connect(str(workspace.settings.folder / "kpi.duckdb"), read_only=True) as connection:
        before = sum(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES)
    steps: list[tuple[int, int]] = []
    grow_demo(workspace, tmp_path / "grown", TODAY, LATER, lambda done, total: steps.append((done, total)))
    workspace.close()
    built = write_demo(tmp_path / "built", LATER)
    with duckdb.connect(str(workspace.settings.folder / "kpi.duckdb"), read_only=True) as connection:

        def rows(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        files = [str(tmp_path / "grown" / "tables" / f"{table}.parquet") for table in TABLES]
        loaded = sum(int(str(rows(f"SELECT count(*) FROM '{file}'")[0][0])) for file in files)
        happened = sum(built.rows.values()) - before
        assert 0 < happened < loaded < happened + 0.04 * before
        for table in TABLES:
            names = ", ".join(str(line[0]) for line in rows(f"DESCRIBE SELECT * FROM '{built.file(table)}'"))
            grown, made = f"SELECT {names} FROM {table}", f"SELECT {names} FROM '{built.file(table)}'"
            assert rows(f"{grown} EXCEPT ALL {made} LIMIT 3") == [], table
            assert rows(f"{made} EXCEPT ALL {grown} LIMIT 3") == [], table
    assert steps[0] == (1, 2 * len(TABLES))
    assert steps[-1] == (0, 0)
    assert [done for done, _total in steps[:-1]] == sorted(done for done, _total in steps[:-1])


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="two demo companies to make; that the bill is told has a test")
def test_a_company_that_is_opened_later_tells_of_the_bill_that_has_come(tmp_path: Path) -> None:
    """Over a month's turn it lies where one of that day does, and says what came into a month that was over."""
    own_demo(tmp_path, TODAY).close()
    steps: list[tuple[str, int, int | None]] = []
    grown = demo_workspace({"XDG_CACHE_HOME": str(tmp_path)}, BILLED, lambda *step: steps.append(step))
    assert grown.settings.folder == demo_folder({"XDG_CACHE_HOME": str(tmp_path)}) / BILLED.isoformat()
    # Two loads: one of the days before the bill, one of those after it.
    assert {total for _step, _done, total in steps} == {2 * len(TABLES), 2 * (2 * len(TABLES) + 1)}
    shares = [done / total for _step, done, total in steps if total]
    assert shares == sorted(shares)
    now = datetime(2026, 12, 10, 9, tzinfo=ZoneInfo("America/New_York"))
    answer = grown.door(OPERATOR).answer(grown.question("cac 2026-11", now), now)
    grown.close()
    assert "rows_added" in [note.finding.code for note in answer.health]


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="a demo company takes a quarter of a minute to make, this takes two")
def test_a_company_that_is_opened_later_is_the_company_of_that_day(tmp_path: Path) -> None:
    """Over a month's turn: every table of its warehouse is as if made that day."""
    own_demo(tmp_path, TODAY).close()
    grown = demo_workspace({"XDG_CACHE_HOME": str(tmp_path)}, BILLED, lambda *_step: None)
    grown.close()
    built = tmp_path / "built"
    build_demo(built, BILLED, {}, lambda _step, _done, _total: None)
    assert different_tables(grown.settings.folder / "kpi.duckdb", built / "kpi.duckdb") == set()
    long.ran("warehouses of companies opened later")


def test_rows_of_two_products_are_never_put_together(tmp_path: Path) -> None:
    """A company that another version has made is no beginning for this one's; nor is one of a later day."""
    own_demo(tmp_path, TODAY).close()
    demos = demo_folder({"XDG_CACHE_HOME": str(tmp_path)})
    assert earlier_demo(demos, LATER) == demos / TODAY.isoformat()
    assert earlier_demo(demos, TODAY) is None
    (demos / TODAY.isoformat() / "made-by").write_text("another")
    assert earlier_demo(demos, LATER) is None


def different_tables(one: Path, other: Path) -> set[str]:
    """The tables of two warehouses that do not hold the same rows, or that only one has."""
    with duckdb.connect() as connection:
        for name, file in (("one", one), ("other", other)):
            connection.execute(f"ATTACH '{file}' AS {name} (READ_ONLY)")
        listed = "SELECT schema_name || '.\"' || table_name || '\"' FROM duckdb_tables() WHERE database_name = ?"
        first, second = (
            {str(name) for (name,) in connection.execute(listed, [name]).fetchall()} for name in ("one", "other")
        )
        rows = "SELECT 1 FROM (FROM {} EXCEPT ALL FROM {}) LIMIT 1"
        return (first ^ second) | {
            table
            for table in first & second
            for pair in ((f"one.{table}", f"other.{table}"), (f"other.{table}", f"one.{table}"))
            if connection.execute(rows.format(*pair)).fetchall()
        }


def test_the_readme_shows_what_the_demo_says() -> None:
    """October's card, which the picture holds too: the same on the Friday of the picture and after the weekend."""
    (shown,) = re.findall(r'<!-- shown: kpi ask "(cac last-month)" -->\n```\n(.*?)\n```', README, re.DOTALL)
    (pictured,) = re.findall(r"!\[The playground: ([^]]*)\]\(docs/images/playground.png\)", README)
    workspace = shared_demo(PICTURED.date())
    door = workspace.door(OPERATOR)
    answer = door.answer(workspace.question(shown[0], PICTURED), PICTURED)
    card = terminal_card(answer, "en", colour=False, catalog=door.catalog)
    workspace.close()
    assert said(card) == said(shown[1])
    assert value_text(answer.value, answer.metric, "USD", "en") in pictured


def said(card: str) -> list[str]:
    """A card but for how far the data reaches, and how the goal stands by then."""
    lines = [line for line in card.partition(" · data through")[0].splitlines() if not line.startswith("lands at")]
    return [line.partition("reached · ")[0] if line.startswith("Goal") else line for line in lines]
