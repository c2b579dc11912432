"""A goal has one status at one moment, whoever shows it: answers, the weekly summary, the Sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from kpi_core.phrases import say
from sheets_sync.sandbox import start_sheets
from sheets_sync.sandbox.running import LocalSheets

import long

SETTINGS = """\
company: Small shop
timezone: UTC
currency: USD
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db
sources:
  - {{name: shop, type: csv, path: orders.csv, table: orders}}
  - {{name: ads, type: csv, path: ads.csv, table: ad_performance}}
  - {{name: books, type: csv, path: costs.csv, table: costs}}
goals:
  - {{kpi: cac, target: 40, by: 2026-12-31}}
  - {{kpi: roas, target: 2, by: 2026-12-31}}
  - {{kpi: aov, target: 60, by: 2026-12-31, where: {{channel: search}}}}
  - {{kpi: sales_revenue, target: 3000, per: month, by: 2026-12-31}}
  - {{kpi: orders, target: 10, per: week, by: 2026-12-31}}
audiences: {{manager: [cac, roas, aov, sales_revenue, orders]}}
sheets: [{{spreadsheet: {report}, tabs: [overview, goals]}}]
summaries: [{{name: weekly, channel: C0123MARK, every: monday 09:00}}]
"""
FIRST, LAST = date(2026, 7, 1), date(2026, 11, 30)
QUESTIONS = ("", "this-month", "august", "last-week", "last-month by channel")
NAMES = {
    "cac": "Customer acquisition cost",
    "roas": "Return on ad spend",
    "aov": "Average order value",
    "sales_revenue": "Sales revenue",
    "orders": "Orders",
}
MOMENTS = {
    # A Monday: the month so far for what turns by months, the week that has just ended for weeks.
    # 80 a day make 2,400 of 3,000.
    "2026-11-23T09:00": {
        "cac": "on_track",
        "roas": "met",
        "aov": "off_track",
        "sales_revenue": "off_track",
        "orders": "met",
    },
    # The first of a month: the month that has just ended is decided. The week has one day with two orders of ten.
    "2026-12-01T09:00": {"roas": "on_track", "aov": "off_track", "sales_revenue": "off_track", "orders": "on_track"},
    # Nothing of December has come yet: no status of the month, least of all a missed one.
    "2026-12-02T09:00": {
        "cac": "open",
        "roas": "on_track",
        "aov": "off_track",
        "sales_revenue": "open",
        "orders": "on_track",
    },
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, LocalSheets, str]]:
    """A shop with two orders a day and a bill on every fourteenth, its data loaded, beside an empty spreadsheet."""
    folder = tmp_path_factory.mktemp("shop")
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    orders = [f"{day}{n},{day}{n},{day} 12:00,{'search' if n else 'social'},40" for day in days for n in (0, 1)]
    tables = {
        "orders": ["order_id,customer_id,ordered_at,channel,revenue", *orders],
        "ads": [
            "date,channel,spend,clicks,impressions,conversion_value",
            *(f"{day},search,30,5,100,75" for day in days),
        ],
        "costs": ["date,category,channel,amount", *(f"{day},tools,search,900" for day in days if day.day == 14)],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    with start_sheets() as sheets, pytest.MonkeyPatch.context() as patch:
        report = sheets.create("Report")
        (folder / "kpi.yaml").write_text(SETTINGS.format(report=report), "utf-8")
        patch.chdir(folder)
        patch.setenv("KPI_SHEETS_API_URL", sheets.url)
        patch.setenv("KPI_DRIVE_API_URL", sheets.drive_url)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(sheets.credentials_file))
        assert main(["load", "--now", f"{LAST + timedelta(days=1)}T03:00"]) == 0
        yield folder, sheets, report


@pytest.mark.long
@pytest.mark.parametrize("now", MOMENTS)
def test_every_face_reads_the_same_status(
    shop: tuple[Path, LocalSheets, str], now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Answers for any period, the weekly summary, both tabs of the Sheet: the same status over the same days.

    The short form asks each KPI about two of the other periods, the next one about the rest.
    """
    _folder, sheets, report = shop

    def printed(*words: str) -> str:
        capsys.readouterr()
        assert main([*words, "--now", now]) == 0
        return capsys.readouterr().out

    weekly = {
        line["metric"]: line for line in json.loads(printed("summary", "weekly", "--json"))["lines"] if line["goal"]
    }
    printed("sync")
    overview, goals = tab(sheets, report, "Overview"), tab(sheets, report, "Goals")
    step = 2 if long.share() is None else 1
    for place, (kpi, status) in enumerate(MOMENTS[now].items()):
        segment = " where channel=search" if kpi == "aov" else ""
        periods = (QUESTIONS[0], *QUESTIONS[1 + place % step :: step])
        answers = [json.loads(printed("ask", f"{kpi} {period}{segment}", "--json")) for period in periods]
        stands = {json.dumps({**answer["goal"], "asked": None}) for answer in answers}
        assert len(stands) == 1, stands
        goal = answers[0]["goal"]
        assert goal["status"] == status, goal
        label = goal["period"]["label"] + ("" if goal["period"]["complete"] else " so far")
        assert (goals[NAMES[kpi]]["Status"], goals[NAMES[kpi]]["Measured over"]) == (say("en", f"goal.{status}"), label)
        if kpi in weekly:
            assert {**weekly[kpi]["goal"], "asked": None} == {**goal, "asked": None}
            assert weekly[kpi]["status"] == status
        if not segment:
            row = overview[NAMES[kpi]]
            assert (row["Status"], row["Measured over"]) == (say("en", f"goal.{status}"), label)


def tab(sheets: LocalSheets, report: str, title: str) -> dict[str, dict[str, str]]:
    """The rows of a tab by KPI, each by the heads of its columns."""
    columns = "ABCDEFGHIJKLMNOP"

    def line(row: int) -> list[str]:
        return [sheets.person.shown(report, f"{title}!{column}{row}") for column in columns]

    lines = [line(row) for row in range(1, 25)]
    header = next(number for number, cells in enumerate(lines) if cells[0] == "KPI")
    return {cells[0]: dict(zip(lines[header], cells, strict=True)) for cells in lines[header + 1 :] if cells[0]}


def test_an_answer_for_another_month_is_not_the_status(
    shop: tuple[Path, LocalSheets, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """August is held against the target in words of its own; how the goal stands names the month so far."""
    capsys.readouterr()
    assert main(["ask", "sales_revenue august", "--now", "2026-11-23T09:00"]) == 0
    card = " ".join(capsys.readouterr().out.split())
    assert "$520 under · not reached · November 2026 so far $1,760: off track" in card


def test_goals_are_listed_as_they_stand(
    shop: tuple[Path, LocalSheets, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With where they land, what is wrong with how they were set, and what their owner said last."""
    now = ("--now", "2026-11-23T09:00")

    def printed(*words: str) -> str:
        capsys.readouterr()
        assert main([*words, *now]) == 0
        return capsys.readouterr().out

    listed = {goal["kpi"]: goal for goal in json.loads(printed("goals", "--json"))["goals"]}
    asked = json.loads(printed("ask", "sales_revenue", "--json"))["goal"]
    revenue = listed["sales_revenue"]
    assert {name: revenue[name] for name in ("status", "landing", "probability", "required_rate", "period")} == {
        name: asked[name] for name in ("status", "landing", "probability", "required_rate", "period")
    }
    assert revenue["landing"]["value"] == pytest.approx(2400, rel=0.01)
    assert revenue["required_rate"] == pytest.approx((3000 - 1760) / 8)
    assert [remark["code"] for remark in revenue["remarks"]] == ["beyond_best", "no_owner"]
    shown = printed("goals", "check-in", "Sales revenue", "--confidence", "low", "--note", "no stock")
    assert "confidence 2/10 on 23 Nov: no stock" in shown
    (checked,) = [goal["check_in"] for goal in json.loads(printed("goals", "--json"))["goals"] if goal["check_in"]]
    assert (checked["confidence"], checked["note"], checked["who"]) == (2, "no stock", "terminal")
    assert "the goal for sales_revenue: needs +21%, your best month was +3.3%" in printed("check")
    assert main(["goals", "check-in", "mql", "--confidence", "5", *now]) == 2
    assert main(["goals", "budget", *now]) == 1
    assert "kpi add PLAN.xlsx" in capsys.readouterr().err
