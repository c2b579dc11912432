"""kpi.yaml: every problem at once, secrets never repeated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpi_core.catalog import load_catalog
from kpi_core.documents.yaml_file import read_document, read_text
from kpi_core.errors import Problem, SettingsError
from kpi_core.settings.file import check_against, check_environment, read_settings, settings_problems, with_inputs
from kpi_core.settings.values import Goal, Source, fill, find_settings

EXAMPLE = Path(__file__).parents[3] / "kpi.example.yaml"
LEAST = "timezone: Asia/Seoul\ncurrency: KRW\n"


def problems_of(text: str) -> list[Problem]:
    return settings_problems(read_text(text, "kpi.yaml"), Path())


def told(text: str) -> list[str]:
    return [str(problem).replace("\n    ", " | ") for problem in problems_of(text)]


def test_example() -> None:
    """kpi.example.yaml has every key and no problem."""
    settings = read_settings(EXAMPLE)
    assert settings.company == "Hanok Goods"
    assert settings.calendar.holidays == "KR"
    assert [source.type for source in settings.sources] == ["csv", "parquet", "sheet", "sql"]
    assert settings.goals[0] == Goal(
        "cac", 40000.0, date(2026, 12, 31), "U0123ABCD", {"channel": "search"}, action="cap the bids"
    )
    assert settings.sheets[0].spreadsheet == "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
    assert settings.access["sales_revenue"].groups == ("S0456ABCD",)
    assert settings.parameters == {"lifetime_years": 3.0}


def test_least(tmp_path: Path) -> None:
    """A zone and a currency are enough; Windows line ends, a byte order mark and empty keys do no harm."""
    path = tmp_path / "kpi.yaml"
    path.write_bytes(
        "\ufeffcompany: 한옥\r\ntimezone: Asia/Seoul\r\ncurrency: KRW\r\ngoals:\r\nholidays: NO\r\n".encode()
    )
    settings = read_settings(path)
    assert (settings.company, settings.locale, settings.warehouse) == ("한옥", "en", "duckdb:///kpi.duckdb")
    assert settings.calendar.holidays == "NO"
    assert settings.folder == tmp_path
    assert settings.goals == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "timezone: Asia/Soul\ncurrency: KRW",
            "kpi.yaml:1:11: timezone Asia/Soul is not known | Did you mean Asia/Seoul",
        ),
        ("timezone: ../etc/passwd\ncurrency: KRW", "kpi.yaml:1:11: timezone ../etc/passwd is not known"),
        ("timezone: Asia/Seoul\ncurrency: krw", "kpi.yaml:2:11: currency krw is not known | Did you mean KRW?"),
        ("timezone: Asia/Seoul", "kpi.yaml:1:1: currency is missing | Add currency: a currency such as KRW."),
        (LEAST + "locale: fr", "kpi.yaml:3:9: locale: fr is not known | Use one of en, ko, zh-TW."),
        (LEAST + "holidays: Korea", "kpi.yaml:3:11: the country Korea is not known"),
        (LEAST + "warehouse: kpi.duckdb", "kpi.yaml:3:12: warehouse is not a database address"),
        (LEAST + "warehouse: duckdb://kpi.duckdb", "kpi.yaml:3:12: the DuckDB address names no file"),
        (LEAST + "state: mysql://x", "kpi.yaml:3:8: state is not an address of SQLite or Postgres"),
        (LEAST + "fiscal_year: {starts: 13}", "kpi.yaml:3:23: starts must be a whole number from 1 to 12, not 13"),
        (LEAST + "fiscal_year: {pattern: 4-4-4}", "kpi.yaml:3:24: pattern: 4-4-4 is not known"),
        (LEAST + "catalog: [nowhere/]", "kpi.yaml:3:11: there is no folder nowhere/"),
        (LEAST + "sumaries: []", "kpi.yaml:3:1: unknown key sumaries | Did you mean summaries"),
        (LEAST + "goals: [{kpi: cac, target: 4}]", "kpi.yaml:3:9: by is missing in goals, item 1 | Add by: a date"),
        (LEAST + "sheets: [{spreadsheet: my sheet}]", "kpi.yaml:3:24: this is no address of a spreadsheet"),
        (
            LEAST + "summaries: [{name: a, channel: '#sales'}]",
            "kpi.yaml:3:32: #sales is not a channel's id | Names change",
        ),
        (LEAST + "summaries: [{name: a, channel: C01, every: mnday 9}]", "kpi.yaml:3:44:"),
        (LEAST + "alerts: [{kpi: cac, when: anomali, channel: C01}]", "kpi.yaml:3:27: when: anomali is not known"),
        (LEAST + "alerts: [{when: anomaly, channel: C01}]", "kpi.yaml:3:10: kpi is missing in alerts, item 1"),
        (LEAST + "alerts: [{kpi: cac, when: threshold, channel: C01}]", "kpi.yaml:3:27: a threshold has no limit"),
        (LEAST + "alerts: [{kpi: cac, when: anomaly, channel: C01, above: 4}]", "kpi.yaml:3:50: unknown key above"),
        (LEAST + "attention: {quiet: 22-8}", "kpi.yaml:3:20: 22-8 are no hours | Write when they begin and end"),
        (LEAST + "access: {cac: {groups: [C01]}}", "kpi.yaml:3:25: C01 is not a user group's id"),
        (LEAST + "sources: [{name: a, type: xml, table: orders}]", "kpi.yaml:3:27: type: xml is not known"),
        (LEAST + "sources: [{name: a, type: csv, table: orders}]", "kpi.yaml:3:11: path is missing in sources, item 1"),
        (LEAST + "company: ${NAME}", "kpi.yaml:3:10: an environment variable is not filled in here"),
    ],
)
def test_problems(text: str, problem: str) -> None:
    """Each wrong value is told at its place, with what to write instead."""
    assert len(told(text)) == 1
    assert told(text)[0].startswith(problem)


def test_all_at_once() -> None:
    """All problems of a file are told together, in the order of the file."""
    summaries = "summaries:\n  - {name: a, channel: C01}\n  - {name: A, channel: general}\n"
    text = f"timezone: X\ncurency: KRW\nlocale: xx\n{summaries}"
    assert [problem.line for problem in problems_of(text)] == [1, 1, 2, 3, 6, 6]


def test_doubles() -> None:
    """Two sources or summaries of one name, and the same goal twice, are told."""
    goal = "{kpi: cac, target: 4, by: 2026-12-31, where: {channel: a}}"
    assert "this goal for cac stands twice" in told(f"{LEAST}goals: [{goal}, {goal}]")[0]
    source = "{name: a, type: csv, table: orders, path: x}"
    assert "two of the sources are called a" in told(f"{LEAST}sources: [{source}, {source}]")[0]


@pytest.mark.parametrize(
    "line",
    [
        "company: xoxb-123456789012-abcdefSECRET",
        "timezone: xoxb-123456789012-abcdefSECRET",
        "slack_token: xapp-1-SECRET",
        "warehouse: postgresql://kpi:SECRET@db/facts",
        "warehouse: postgresql://kpi:SECRET${NAME}@db/facts",
        "state: postgresql://db/facts?user=a&password=SECRET",
        "sources: [{name: a, type: sql, table: orders, query: select 1, url: 'mysql://a:SECRET@b/c'}]",
        'parameters: {key: "-----BEGIN PRIVATE KEY-----SECRET"}',
    ],
)
def test_secrets(line: str) -> None:
    """A token, key or password in the file is refused and never repeated."""
    found = told("timezone: Asia/Seoul\n" * (not line.startswith("timezone")) + f"currency: KRW\n{line}\n")
    assert any("a secret stands in this file | Put it into an environment variable" in problem for problem in found)
    assert not any("SECRET" in problem for problem in found)


def test_variables() -> None:
    """`${NAME}` passes where it is filled in later; none or an empty one is a problem and no value is shown."""
    text = LEAST + "warehouse: postgresql://kpi:${PW}@db/facts\nstate: ${STATE}\n"
    assert told(text) == []
    document = read_text(text, "kpi.yaml")
    assert [problem.line for problem in check_environment(document, {"PW": "x", "STATE": ""})] == [4]
    assert fill("a:${PW}@", {"PW": "b"}, "warehouse") == "a:b@"
    for nothing in ({}, {"PW": ""}):
        with pytest.raises(SettingsError, match="warehouse: the environment variable PW is not set"):
            fill("a:${PW}@", nothing, "warehouse")


def test_against_catalog() -> None:
    """Unknown KPIs, tables, columns and dimensions are told with the nearest known one."""
    text = (
        "goals: [{kpi: cacc, target: 1, by: 2026-01-01, where: {chanel: x}}]\n"
        "alerts: [{kpi: sales_revenu, when: anomaly, channel: C01}]\n"
        "audiences: {exec: [sale_revenue]}\n"
        "access: {cacd: {}}\n"
        "sources: [{table: order}, {table: orders, columns: {oder_id: x}}]\n"
    )
    problems = [str(p).replace("\n    ", " | ") for p in check_against(read_text(text, "f"), load_catalog())]
    assert problems[0].startswith("f:1:15: there is no KPI cacc | Did you mean cac")
    assert problems[1] == "f:1:56: there is no dimension chanel | Did you mean channel?"
    assert problems[2].startswith("f:2:16: there is no KPI sales_revenu | Did you mean sales_revenue")
    assert problems[3].startswith("f:3:20: there is no KPI sale_revenue")
    assert problems[4].startswith("f:4:10: there is no KPI cacd")
    assert problems[5].startswith("f:5:19: there is no model order | Did you mean orders")
    assert problems[6].startswith("f:5:53: the table orders has no column oder_id | Did you mean order_id")
    assert check_against(read_text("goals: 7\naudiences: [1]\n", "f"), load_catalog()) == []


def test_a_source_fills_a_table_and_nothing_worked_out(tmp_path: Path) -> None:
    """What is made of other tables cannot be loaded: the hint names those tables, and no such name is proposed."""
    text = "sources: [{table: customers, columns: {a: b}}, {table: app_returns}, {table: custmers}]\n"
    problems = [str(p).replace("\n    ", " | ") for p in check_against(read_text(text, "f"), load_catalog())]
    assert problems[:2] == [
        "f:1:19: customers is no table, it is worked out from others | Load orders instead.",
        "f:1:56: app_returns is no table, it is worked out from others | Load app_installs and app_activity instead.",
    ]
    assert "customers" not in problems[2]


def test_example_against_catalog() -> None:
    """Every table and column of kpi.example.yaml is known."""
    problems = check_against(read_document(EXAMPLE), load_catalog())
    assert not [problem for problem in problems if "KPI" not in problem.message]


def test_find_settings(tmp_path: Path) -> None:
    """The file named wins, a folder means its kpi.yaml, none at all is None, a missing one is an error."""
    assert find_settings(None, tmp_path) is None
    (tmp_path / "kpi.yaml").write_text(LEAST)
    assert find_settings(None, tmp_path) == tmp_path / "kpi.yaml"
    assert find_settings(tmp_path, Path()) == tmp_path / "kpi.yaml"
    with pytest.raises(SettingsError, match="there is no such file"):
        find_settings(Path("absent.yaml"), tmp_path)


def test_a_sheet_with_inputs_brings_its_sources_along() -> None:
    """One for each table that the tab fills, loaded as often as the sheet is synced; the team may write its own."""
    book = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
    sheets = [{"spreadsheet": book, "tabs": ["overview", "inputs"], "every": "day 08:00"}, {"spreadsheet": "2" + book}]
    own = Source("mine", "inputs", "costs", options={"spreadsheet": book})
    other = Source("inputs_surveys", "csv", "orders", options={"path": "a.csv"})
    brought = with_inputs([], sheets)
    assert [(each.name, each.table, each.every, each.replace) for each in brought] == [
        ("inputs_costs", "costs", "day 08:00", "all"),
        ("inputs_surveys", "survey_responses", "day 08:00", "all"),
    ]
    assert [each.name for each in with_inputs([own, other], sheets)] == ["mine", "inputs_surveys", "inputs_surveys_2"]
