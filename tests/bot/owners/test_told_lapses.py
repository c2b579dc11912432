"""A state that went back in time is told to its owner, with what to do, in the language of the workspace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.running.owners.lapses import tell_of_lapse
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import newest, plan_once

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KPI_YAML = "company: Hanok Goods\ntimezone: Asia/Seoul\ncurrency: KRW\nlocale: {language}\nowner: U0ALEX\n"


def workspace_in(folder: Path) -> Workspace:
    return Workspace(settings_of(folder / "kpi.yaml"), {})


def told(workspace: Workspace, now: datetime) -> list[str]:
    """What the owner has been told after two rounds."""
    for _ in range(2):
        tell_of_lapse(workspace, now, Fire(now))
    every = (each.message for each in newest(workspace.store, 20))
    return [message.text for message in every if isinstance(message, Posting) and message.channel == "U0ALEX"]


@pytest.mark.parametrize(
    ("language", "again"), [("en", "set those goals"), ("ko", "다시 정하고"), ("zh-TW", "請重新設定")]
)
def test_an_owner_hears_once_since_when(tmp_path: Path, language: str, again: str) -> None:
    """An older copy was put back: by the clock of the workspace, the newest moment that it remembers."""
    (tmp_path / "kpi.yaml").write_text(KPI_YAML.format(language=language), "utf-8")
    file = tmp_path / "state.db"
    first = workspace_in(tmp_path)
    plan_once(first.store, "by hand", [Posting("C1", "a")], NOW - timedelta(hours=1))
    first.close()
    copy = file.read_bytes()
    second = workspace_in(tmp_path)
    plan_once(second.store, "by hand", [Posting("C1", "b")], NOW)
    assert told(second, NOW) == []
    second.close()
    file.write_bytes(copy)
    third = workspace_in(tmp_path)
    (text,) = told(third, NOW + timedelta(hours=1))
    assert "2026-11-23 17:30" in text
    assert again in text
    third.close()
    file.unlink()
    anew = workspace_in(tmp_path)
    assert len(told(anew, NOW + timedelta(hours=2))) == 1
    anew.close()
