"""kpi goals: a goal that is set is written into the audit log; without any, what to do is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main


def test_a_change_of_a_goal_is_in_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who set what, with its KPI; before that a sentence says how to set one."""
    (tmp_path / "kpi.yaml").write_text("company: x\ntimezone: UTC\ncurrency: USD\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["goals"]) == 0
    assert "kpi goals set" in capsys.readouterr().out
    assert main(["goals", "set", "cac", "40", "--by", "2027-12-31"]) == 0
    capsys.readouterr()
    assert main(["audit", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert (entry["who"], entry["metric"], entry["command"]) == ("terminal", "cac", "goals set cac 40 --by 2027-12-31")
