"""kpi goals: a goal that is set is written into the audit log; without any, what to do is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.cli import main
from kpi_core.settings.goal_history import Coming, Occasion
from kpi_core.settings.values import Goal
from kpi_core.state.goals import take_in
from kpi_core.state.store import open_store


def test_a_change_of_a_goal_is_in_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who set what, with its KPI; the history says from what to what. Before that a sentence says how to set one."""
    (tmp_path / "kpi.yaml").write_text("company: x\ntimezone: UTC\ncurrency: USD\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["goals"]) == 0
    assert "kpi goals set" in capsys.readouterr().out
    assert main(["goals", "set", "cac", "40", "--by", "2027-12-31"]) == 0
    capsys.readouterr()
    assert main(["audit", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert (entry["who"], entry["metric"], entry["command"]) == ("terminal", "cac", "goals set cac 40 --by 2027-12-31")
    assert main(["goals", "set", "CAC", "38.5", "--by", "2027-12-31", "--action", "cap the bids"]) == 0
    capsys.readouterr()
    assert main(["goals", "--history", "cac"]) == 0
    changed, new = capsys.readouterr().out.splitlines()
    assert changed.endswith("terminal  cac  Target: $40 → $38.50 · If off track: – → cap the bids")
    assert new.endswith("terminal  cac  new: $40 by 2027-12-31")
    assert main(["goals", "--history", "--json"]) == 0
    (last, first) = json.loads(capsys.readouterr().out)["changes"]
    assert (first["before"], first["after"]["target"], last["after"]["target"]) == (None, 40.0, 38.5)


def test_a_goal_that_people_took_out_of_the_sheet_counts_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """kpi.yaml may still name it; one that both name stands once, as the Sheet has it."""
    goals = "goals: [{kpi: cac, target: 4, by: 2027-12-31}, {kpi: roas, target: 3, by: 2027-12-31}]\n"
    (tmp_path / "kpi.yaml").write_text(f"company: x\ntimezone: UTC\ncurrency: USD\n{goals}", "utf-8")
    monkeypatch.chdir(tmp_path)
    cac, roas = (Goal(kpi, target, date(2027, 12, 31)) for kpi, target in (("cac", 4.0), ("roas", 3.0)))
    store = open_store("sqlite:///state.db", tmp_path)
    for typed in ([cac, roas], [replace(roas, target=3.5)]):
        take_in(store, typed, Coming(), Occasion(datetime(2026, 11, 23, tzinfo=UTC), "", "sheet"))
    store.close()
    assert main(["goals", "--json"]) == 0
    counting = json.loads(capsys.readouterr().out)["goals"]
    assert [(goal["kpi"], goal["target"]) for goal in counting] == [("roas", 3.5)]
