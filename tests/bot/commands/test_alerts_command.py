"""kpi alerts: the rules, a replay of history, and what somebody at the terminal did."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.running.telling.alerting import look
from bot.workspace import Workspace, settings_of
from kpi_core.deliveries.incident_course import known_incidents
from kpi_core.settings.values import Alert
from kpi_core.state.team.own_alerts import add_own_alert

TODAY = date(2026, 11, 23)
DEAR = TODAY - timedelta(days=1)
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
sources: [{name: ads, type: csv, path: ads.csv, table: ad_performance}]
alerts:
  - {kpi: cpc, when: threshold, above: 1.5, per: day, channel: C01, owner: U0MINA}
  - {kpi: mrr, when: anomaly, channel: C01}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """Clicks at 1.00 for 40 days, the last day at 2.00."""
    (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    lines = ["date,platform,channel,campaign,clicks,spend"]
    for ago in range(40, 0, -1):
        day = TODAY - timedelta(days=ago)
        lines.append(f"{day},google,search,a,100,{200 if day == DEAR else 100}")
    (tmp_path / "ads.csv").write_text("\n".join(lines), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["load", "--now", "2026-11-23T06:00"]) == 0
    capsys.readouterr()
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["alerts", *words, "--json", "--now", "2026-11-23T09:00"]) == 0
    return json.loads(capsys.readouterr().out)


def test_history_is_replayed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What would have fired stands there with its numbers, its reason and who is to act, in words too."""
    (incident,) = shown(capsys, "test", "--since", "2026-11-01")["incidents"]
    assert (incident["kpi"], incident["on"], incident["value"], incident["usual"]) == ("cpc", str(DEAR), 2.0, 1.5)
    assert incident["cause"]["step"]["part"] == "ad_spend"
    assert incident["owner"] == "U0MINA"
    assert main(["alerts", "test", "--since", "2026-11-01", "--now", "2026-11-23T09:00"]) == 0
    assert "past its limit" in capsys.readouterr().out
    assert shown(capsys, "test", "--since", "2026-11-23")["incidents"] == []
    assert main(["alerts", "test", "--since", "2030-01-01", "--now", "2026-11-23T09:00"]) == 2
    assert "yet to come" in capsys.readouterr().err
    assert shop.is_dir()


def test_rules_are_listed_with_what_keeps_them_silent(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule on a KPI without data says so, one set in Slack who set it; the terminal may note and assign."""
    workspace = Workspace(settings_of(shop / "kpi.yaml"), {})
    now = workspace.settings.calendar.midnight(TODAY) + timedelta(hours=9)
    look(workspace, "C01", now)
    listed = shown(capsys)
    assert [rule["note"] for rule in listed["alerts"]] == [None, "never speaks up: the KPI has no data"]
    (known,) = listed["open"]
    own = Alert("threshold", "U0MINA", "cpc", owner="U0MINA", above=1.5, per="day")
    add_own_alert(workspace.store, "U0MINA", own, direct=True, now=now)
    assert [rule["set_by"] for rule in shown(capsys)["alerts"]] == [None, None, "U0MINA"]
    assert [each["channel"] for each in shown(capsys, "test", "--since", "2026-11-01")["incidents"]] == [
        "C01",
        "U0MINA",
    ]
    assert main(["alerts", "assign", known["id"][:4], "U0WEI", "--who", "U0MINA"]) == 0
    assert main(["alerts", "note", known["id"], "bids", "capped"]) == 0
    (entry,) = known_incidents(workspace.store)
    assert entry.owner == "U0WEI"
    assert main(["alerts", "seen", "nothing"]) == 1
    workspace.close()
