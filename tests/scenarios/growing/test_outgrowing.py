"""A firm moves from the DuckDB file to its warehouse by docs/how-to/outgrow.md: every command of the page is run."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from engines.clickhouse_side import ClickHouse
from postgres_side import Postgres

from bot.cli import main
from kpi_core.dates.calendars import Calendar
from kpi_core.sql.plan import Need, plan
from kpi_core.sql.quoting import literal
from kpi_core.sql.statement import parameters, statement
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.door import open_warehouse
from kpi_core.warehouse.rollup_tables import Worth

from tables import CATALOG

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "outgrow.md").read_text("utf-8")
BLOCK = re.compile(r"```(sql|sh|yaml|clickhouse)\n(.*?)```", re.DOTALL)
NOW = "2026-11-22T09:00"
SETTINGS = """\
timezone: Asia/Seoul
currency: KRW
warehouse: duckdb:///kpi.duckdb
sources:
  - {name: shop, type: csv, path: orders.csv, table: orders}
"""
HEADER = "order_id,customer_id,ordered_at,channel,revenue\n"
OLD = "".join(f"a{n},kim,2026-{n:02}-05 12:00,검색,{1000 * n}\n" for n in range(6, 11))
OLD += "b,lin,2026-10-06 23:59,검색,10000\n"
NEW = "b,lin,2026-10-06 23:59,검색,12000\nc,kim,2026-10-31 23:30,social,5000\nd,mia,2026-11-20 09:00,social,7000\n"


POSTGRES, CLICKHOUSE = PAGE.split("## ClickHouse")


def blocks(language: str, page: str = POSTGRES) -> list[str]:
    return [text for kind, text in BLOCK.findall(page) if kind == language]


def commands(page: str = POSTGRES) -> list[list[str]]:
    return [shlex.split(line) for text in blocks("sh", page) for line in text.splitlines()]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A firm's folder: its file holds a year, of which the shop's export still has the last weeks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "secret")
    (tmp_path / "kpi.yaml").write_text(SETTINGS, "utf-8")
    for rows in (OLD, NEW):
        (tmp_path / "orders.csv").write_text(HEADER + rows, "utf-8")
        assert main(["load", "--now", NOW]) == 0
    return tmp_path


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Postgres]:
    """The firm's server, without what the page makes there."""
    yield postgres
    with postgres.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kpi, kpi_rollups CASCADE")
        for role in ("kpi_load", "kpi_read"):
            cursor.execute(f"DROP OWNED BY {role}")
            cursor.execute(f"DROP ROLE {role}")


def run_sql(postgres: Postgres, text: str) -> None:
    with postgres.cursor() as cursor:
        for statement in text.replace("'…'", "'secret'").split(";\n"):
            if statement.strip():
                cursor.execute(statement)


def edited(shop: Path, postgres: Postgres) -> None:
    """kpi.yaml as steps 3 and 4 say."""
    source, address, _rollups = blocks("yaml")
    local = address.replace("db.example.com/shop", f"127.0.0.1:{postgres.port}/postgres").replace(
        "verify-full", "disable"
    )
    text = (shop / "kpi.yaml").read_text("utf-8").replace("warehouse: duckdb:///kpi.duckdb\n", local)
    (shop / "kpi.yaml").write_text(text.replace("sources:\n", f"sources:\n{source}"), "utf-8")


def run_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """One line of the page; what it prints."""
    if words[0] == "cp":
        shutil.copy(words[1], words[2])
    elif words[0] == "mkdir":
        Path(words[1]).mkdir()
    elif words[:2] == ["python", "-c"]:
        exec(words[2], {})
    elif words[0] == "kpi":
        assert main([*words[1:], *([] if words[1] == "check" else ["--now", NOW])]) == 0, words
    else:
        assert words in (["pip", "install", "kpi-bot[postgres]"], ["pip", "install", "kpi-bot[clickhouse]"])
    return capsys.readouterr().out


def test_every_command_of_the_page_works(
    shop: Path, database: Postgres, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the move the same questions have the same answers, those about rows that no source has any more, too; and
    with sums by day again.
    """
    monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1))
    for text in blocks("sql"):
        run_sql(database, text)
    said = []
    for words in commands():
        if words == ["kpi", "check"]:
            edited(shop, database)
        elif words == ["kpi", "load"] and words in (earlier for earlier, _printed in said):
            with (shop / "kpi.yaml").open("a") as settings:
                settings.write(blocks("yaml")[2])
        said.append((words, run_command(words, capsys)))
    answers = [text for words, text in said if words[:2] == ["kpi", "ask"]]
    assert answers[0::2] == answers[1::2]
    assert "₩27,000" in answers[0]
    assert asked("sales revenue 2026-07", capsys)["value"] == 7000
    with database.cursor() as cursor:
        cursor.execute("SELECT table_name FROM kpi.kpi_rollups WHERE table_name LIKE '%kpi_rollups%'")
        assert cursor.fetchall()


def asked(question: str, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    capsys.readouterr()
    assert main(["ask", question, "--json", "--now", NOW, *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_who_may_only_read_is_answered_and_loads_nothing(
    shop: Path, database: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also of tables that a later load makes; a load as that user says what it may not."""
    for text in blocks("sql"):
        run_sql(database, text)
    edited(shop, database)
    settings = (shop / "kpi.yaml").read_text("utf-8").replace(blocks("yaml")[0], "")
    (shop / "kpi.yaml").write_text(settings, "utf-8")
    assert main(["load", "--now", NOW]) == 0
    (shop / "kpi.yaml").write_text(settings.replace("kpi_load:", "kpi_read:"), "utf-8")
    assert asked("sales revenue 2026-10", capsys)["value"] == 17000
    assert main(["load", "--now", NOW]) != 0
    assert "may not write" in capsys.readouterr().err


def test_a_month_reads_its_partition_alone(database: Postgres) -> None:
    """The plan of a question's query passes over the partitions of all other months."""
    for text in blocks("sql"):
        run_sql(database, text)
    need = Need("web_sessions", "sessions", (date(2026, 10, 1), date(2026, 11, 1)))
    (fetch,) = plan([need], CATALOG.models)
    model = CATALOG.models["web_sessions"]
    values = parameters(fetch, model, Calendar("UTC"))
    text = statement(fetch, model, "postgres").rendered(lambda name: literal(str(values[name])), str)
    with database.cursor() as cursor:
        cursor.execute("SET search_path TO kpi")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {text}")
        shown = "\n".join(line for (line,) in cursor.fetchall())
    assert "web_sessions_2026_10" in shown
    assert "web_sessions_2026_09" not in shown
    assert "web_sessions_2026_11" not in shown


def test_clickhouse_goes_on_with_the_rows_of_the_file(
    shop: Path, clickhouse: ClickHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the commands of the page it holds what the file held, to the last row, and answers the same."""
    clickhouse.client.command("DROP DATABASE IF EXISTS marketing")
    for words in blocks("clickhouse", CLICKHOUSE)[0].split(";\n"):
        if words.strip():
            clickhouse.client.command(words)
    for words in commands(CLICKHOUSE):
        if words == ["kpi", "load"]:
            text = (shop / "kpi.yaml").read_text("utf-8")
            address = clickhouse.url("marketing")
            (shop / "kpi.yaml").write_text(text.replace("duckdb:///kpi.duckdb", f"'{address}'"), "utf-8")
        run_command(words, capsys)
    opened = open_warehouse(clickhouse.url("marketing"), Path())
    assert opened.rows("SELECT count(), sum(revenue), uniqExact(order_id) FROM orders", {}) == [(8, 64000, 8)]
    opened.close()
    question = "sales revenue last-month by channel"
    before, after = asked(question, capsys, "--config", "before.yaml"), asked(question, capsys)
    assert before["value"] == after["value"]
    assert before["breakdown"] == after["breakdown"]
