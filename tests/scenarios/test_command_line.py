"""kpi as a person calls it: answers on stdout, sentences on stderr, honest exit codes, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

SETTINGS = """\
company: Small shop
timezone: Asia/Seoul
currency: KRW
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db
sources:
  - {name: shop, type: csv, path: orders.csv, table: orders}
  - {name: ads, type: csv, path: ads.csv, table: ad_performance}
goals: [{kpi: sales_revenue, target: 50000, by: 2026-12-31, per: month}]
audiences: {exec: [sales_revenue]}
"""
ORDERS = """\
order_id,customer_id,ordered_at,channel,revenue
a,kim,2026-09-05 12:00,검색,30000
b,lin,2026-10-05 23:59,검색,10000
c,kim,2026-10-06 00:00,social,5000
d,mia,2026-11-20 09:00,social,7000
"""
ADS = """\
date,channel,spend,clicks,impressions
2026-09-30,검색,900,9,1000
2026-10-03,검색,1000,10,2000
2026-11-21,검색,500,5,900
"""
KEYS = {
    "question", "metric", "unit", "currency", "direction", "period", "value", "parts", "comparisons", "goal",
    "benchmark", "breakdown", "trend", "freshness", "warnings", "definition",
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop's folder, with its data loaded, of which each test has a copy."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "kpi.yaml").write_text(SETTINGS, "utf-8")
    (folder / "orders.csv").write_text(ORDERS, "utf-8")
    (folder / "ads.csv").write_text(ADS, "utf-8")
    assert main(["load", "--config", str(folder / "kpi.yaml"), "--now", "2026-11-22T09:00"]) == 0
    return folder


@pytest.fixture
def shop(loaded_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(loaded_shop, folder)
    monkeypatch.chdir(folder)
    return folder


def kpi(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call on 22 November 2026."""
    capsys.readouterr()
    code = main([*words, "--now", "2026-11-22T09:00"])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    return code, printed.out, printed.err


def test_an_answer_as_json_has_every_key(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys that others rely on are there, with full-precision numbers."""
    code, out, _err = kpi(capsys, "ask", "매출 지난달", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer.keys() >= KEYS
    assert (answer["metric"], answer["value"], answer["currency"]) == ("sales_revenue", 15000, "KRW")
    assert answer["period"] == {"start": "2026-10-01", "end": "2026-11-01", "label": "October 2026", "complete": True}
    assert answer["comparisons"][0]["value"] == 30000
    assert answer["goal"]["target"] == 50000
    assert answer["breakdown"] is None


def test_the_same_words_in_three_languages_are_the_same_question(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """English, Korean and Chinese, hyphens or spaces, give one value."""
    questions = (
        "sales_revenue last-month by channel",
        "매출 지난달 채널별",
        "營收 上個月 依渠道",
        "revenue last month by channel",
    )
    answers = [json.loads(kpi(capsys, "ask", question, "--json")[1]) for question in questions]
    assert {answer["value"] for answer in answers} == {15000}
    assert [row["channel"] for row in answers[0]["breakdown"]] == ["검색", "social"]


def test_a_kpi_whose_table_is_missing_still_answers(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CAC with salaries needs costs, which were never loaded: null, exit 0, and the warning names the table."""
    code, out, _err = kpi(capsys, "ask", "cac@fully_loaded last-month", "--json")
    answer = json.loads(out)
    assert (code, answer["value"]) == (0, None)
    assert any("costs" in warning for warning in answer["warnings"])


def test_cac_with_what_one_has(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a table of costs CAC counts ad spend alone, and says so."""
    code, out, _err = kpi(capsys, "ask", "cac last-month", "--json")
    answer = json.loads(out)
    assert (code, answer["value"]) == (0, 1000)
    assert any("Ad spend alone" in warning for warning in answer["warnings"])


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("cacc last month", "unknown_kpi"),
        ("cac zzzz", "unknown_period"),
        ("", "empty_question"),
        ("x" * 5000, "too_long"),
        ("🙂🙂", "empty_question"),
        ("revenue by shanel", "unknown_dimension"),
        ("revenue where channel=serch", "unknown_value"),
        ("sales revenue by landing page", "dimension_unavailable"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_do(
    shop: Path, capsys: pytest.CaptureFixture[str], question: str, code: str
) -> None:
    """Exit 1, one sentence and a next step; as JSON on stdout with --json."""
    exit_code, out, err = kpi(capsys, "ask", question, "--json")
    error = json.loads(out)["error"]
    assert (exit_code, err) == (1, "")
    assert error.keys() == {"code", "message", "hint", "suggestions"}
    assert error["message"]
    assert error["hint"]
    if code != "unknown_period":
        assert error["code"] == code
    exit_code, out, err = kpi(capsys, "ask", question)
    assert (exit_code, out) == (1, "")
    assert error["message"].split(".")[0][:20] in err


def test_did_you_mean_offers_whole_questions(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The suggestion for cacc is a question that works."""
    error = json.loads(kpi(capsys, "ask", "cacc last-month", "--json")[1])["error"]
    assert "cac" in error["suggestions"][0]
    assert kpi(capsys, "ask", error["suggestions"][0])[0] == 0


def test_a_broken_kpi_yaml_is_told_as_a_whole(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake with its line: a currency nobody knows, a key that does not exist, a zone on Mars."""
    (shop / "kpi.yaml").write_text("company: X\ntimezone: Mars/Base\ncurrency: KRWW\ncompny: Y\n", "utf-8")
    code, out, _err = kpi(capsys, "check")
    assert code == 1
    assert all(f"kpi.yaml:{line}:" in out for line in (2, 3, 4))
    assert "Did you mean company" in out or "company" in out
    assert kpi(capsys, "ask", "cac")[0] == 1


def test_a_bad_number_is_kept_out_and_told_by_row_and_column(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`12,5x` in line 3 is no amount: the row stays out, the rest is loaded, exit 1."""
    (shop / "orders.csv").write_text(ORDERS.replace("10000", '"12,5x"'), "utf-8")
    code, out, _err = kpi(capsys, "load", "--source", "shop")
    assert code == 1
    assert "12,5x" in out
    assert "revenue" in out
    assert "1 kept out" in out


def test_a_missing_file_leaves_the_last_good_data(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The load says which file is not there; answers go on from the data of the last load."""
    (shop / "orders.csv").unlink()
    code, out, _err = kpi(capsys, "load")
    assert code == 1
    assert "orders.csv" in out
    assert json.loads(kpi(capsys, "ask", "revenue last-month", "--json")[1])["value"] == 15000


def test_wrong_usage_is_exit_2_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown command, a bad --now and a missing argument are told in a sentence."""
    assert main(["asc"]) == 2
    assert "kpi ask" in capsys.readouterr().err
    assert main(["ask", "cac", "--now", "soon"]) == 2
    assert "2026-11-22T09:00" in capsys.readouterr().err
    assert main(["summary"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_unreachable_slack_or_sheet_is_exit_3(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the address: the sentence names the service and what to check."""
    with (shop / "kpi.yaml").open("a") as settings:
        settings.write("summaries: [{name: weekly, channel: C0123, audience: exec}]\n")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1234567890-abcdef")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1234567890-abcdef")
    code, _out, err = kpi(capsys, "run")
    assert code == 3
    assert "Slack" in err
    code, _out, err = kpi(capsys, "summary", "weekly", "--post")
    assert code == 3
    assert "Slack" in err


def test_the_catalogue_is_listed_with_what_lacks_data(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three names a KPI, whether it can be computed, and if not, why."""
    kpis = {each["id"]: each for each in json.loads(kpi(capsys, "list", "--json")[1])["kpis"]}
    assert kpis["sales_revenue"]["available"]
    assert not kpis["roi"]["available"]
    assert "costs" in kpis["roi"]["reason"]
    assert kpis["cac"]["names"].keys() == {"en", "ko", "zh-TW"}


def test_kpi_runs_as_a_command_of_its_own(shop: Path) -> None:
    """The installed command answers in a new process, in 100 columns, without colour when nobody watches."""
    command = [sys.executable, "-m", "bot.cli", "ask", "revenue last-month by channel", "--now", "2026-11-22T09:00"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"})
    assert "₩1.5만" in done.stdout or "₩15" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_several_bases_are_answered_in_the_order_asked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A question may name several bases: each is answered once, in its order, with its own range; the goal too."""
    question = "sales_revenue october vs last year vs last month vs 2026-09 vs 2026-03 vs goal"
    code, out, _err = kpi(capsys, "ask", question, "--json")
    answer = json.loads(out)
    assert code == 0
    bases = [(each["basis"], each["period"]["label"], each["value"]) for each in answer["comparisons"]]
    assert bases == [
        ("year_ago", "October 2025", None),
        ("previous_period", "September 2026", 30000.0),
        ("period", "March 2026", None),
    ]
    assert answer["goal"]["target"] == 50000
    code, out, _err = kpi(capsys, "ask", question)
    assert code == 0
    assert "against September 2026, ₩30K" in " ".join(out.split())
    assert "Goal: " in out


def test_a_question_goes_on_from_the_one_before(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--after, once or more, is the thread; what is not said is as before, and the answer says how it was read."""
    thread = ["--after", "revenue in october", "--after", "by channel"]
    answer = asked(shop, capsys, *thread, "only social")
    assert (answer["value"], answer["period"]["start"]) == (5000, "2026-10-01")
    assert answer["reading"]["where"] == {"channel": ["social"]}
    assert any("sales_revenue 2026-10 where channel=social" in warning for warning in answer["warnings"])
    assert asked(shop, capsys, *thread, "how is it calculated?")["reading"]["intent"] == "explain"


@pytest.mark.parametrize(
    ("words", "key"),
    [("what changed last week", "changes"), ("우리 목표 보여줘", "goals"), ("有哪些指標", "kpis")],
)
def test_a_question_about_all_of_them(shop: Path, capsys: pytest.CaptureFixture[str], words: str, key: str) -> None:
    """What changed, the goals, the KPIs: in words, in three languages."""
    assert key in asked(shop, capsys, words)


def asked(shop: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    config = str(shop / "kpi.yaml")
    assert main(["ask", *words, "--json", "--config", config, "--now", "2026-11-22T09:00"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document
