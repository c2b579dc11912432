"""What comes by itself, looked at, paused, resumed and sent now: by admins in Slack, through the real bolt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from limits_side import press, reply
from slack_side import run

from bot.cards.views.schedule_card import PAUSE, RESUME, RUN_NOW
from bot.running.jobs import timed_jobs
from bot.running.timetable import Timetable
from bot.running.wheel import Wheel
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.slack.listeners.services import Services
from bot.workspace import Workspace, settings_of
from kpi_core.deliveries.planning import newest
from kpi_core.errors import KpiBotError
from kpi_core.state.audit import newest_entries
from kpi_core.state.team.pauses import paused

from tables import write_tables

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
KPI_YAML = """
company: Hanok Goods
timezone: Asia/Seoul
currency: USD
summaries: [{name: weekly, channel: C0MARKET, every: monday 18:00}]
"""
ORDER = {"order_id": "a", "customer_id": "k", "ordered_at": "2026-11-20T12:00", "channel": "search", "revenue": 60}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[list[Workspace]]:
    write_tables(tmp_path / "kpi.duckdb", {"orders": [ORDER]})
    opened: list[Workspace] = []
    yield opened
    for workspace in opened:
        workspace.close()


def workspace_in(folder: Path, made: list[Workspace], more: str = "") -> Workspace:
    (folder / "kpi.yaml").write_text(KPI_YAML + more, "utf-8")
    made.append(Workspace(settings_of(folder / "kpi.yaml"), {}))
    return made[-1]


def served(workspace: Workspace) -> Services:
    timetable = Timetable(workspace, lambda: MONDAY, threading.Lock())
    return Services(workspace.door, workspace.settings, lambda: MONDAY, lambda: workspace.store, schedules=timetable)


def buttons(message: object) -> list[str]:
    return [each["action_id"] for each in elements_of(message)]  # type: ignore[arg-type]


def test_admins_see_the_schedule_pause_and_resume_it(tmp_path: Path, made: list[Workspace]) -> None:
    """With the next five times in the zone of each; alone, though they ask in a channel; each act is in the log."""
    workspace = workspace_in(tmp_path, made)

    async def ask(slack: LocalSlack) -> None:
        slack.workspace.users["U0MINA"].locale = "en-US"
        card = await reply(slack, "mina", "marketing", "schedule")
        assert (card.to, buttons(card)) == ("U0MINA", [PAUSE, RUN_NOW])
        assert "summary:weekly  (monday 18:00, Asia/Seoul)" in card.text
        assert card.text.count("Monday, ") == 5
        assert "Monday, 23 November 2026 18:00" in card.text
        resting = await press(slack, "mina", "marketing", card.ts, PAUSE)
        assert (resting.to, buttons(resting)) == ("U0MINA", [RESUME])
        assert paused(workspace.store) == {"summary:weekly": "U0MINA"}
        going = await press(slack, "mina", "marketing", resting.ts, RESUME)
        assert (paused(workspace.store), buttons(going)) == ({}, [PAUSE, RUN_NOW])
        sent = await press(slack, "mina", "marketing", going.ts, RUN_NOW)
        assert "what it posts is on its way" in sent.text
        again = await press(slack, "mina", "marketing", going.ts, RUN_NOW)
        assert again.text.startswith("This was done a moment ago.")

    run(ask, served(workspace))
    (delivery,) = newest(workspace.store, 5)
    assert (delivery.schedule, delivery.message.channel) == ("summary:weekly", "C0MARKET")
    commands = [each.command for each in newest_entries(workspace.store)]
    acts = ("run_now", "run_now", "resume", "pause")
    assert commands == [*(f"schedule {act} summary:weekly" for act in acts), "schedule"]


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ("", {"mina"}),
        ("admins: [U0ALEX]\n", {"alex"}),
        ("admins: [U0ALEX]\nowner: U0WEI\n", {"alex", "wei"}),
    ],
)
def test_who_is_an_admin(tmp_path: Path, made: list[Workspace], more: str, allowed: set[str]) -> None:
    """Whom kpi.yaml names, and its owner; where it names none, the admins of the Slack. Others press in vain."""
    workspace = workspace_in(tmp_path, made, more)

    async def ask(slack: LocalSlack) -> None:
        card = await reply(slack, min(allowed), "marketing", "schedule")
        card.to = ""
        for user in ("mina", "alex", "wei"):
            slack.workspace.users[f"U0{user.upper()}"].locale = "en-US"
            asked = await reply(slack, user, "marketing", "schedule")
            pressed = await press(slack, user, "marketing", card.ts, PAUSE)
            assert (asked.to, pressed.to) == (f"U0{user.upper()}",) * 2
            for told in (asked, pressed):
                assert told.text.startswith("This is for admins.") is (user not in allowed)
        assert set(paused(workspace.store).values()) <= {f"U0{user.upper()}" for user in allowed}

    run(ask, served(workspace))


def test_what_is_paused_lets_its_time_pass(tmp_path: Path, made: list[Workspace]) -> None:
    """Nothing comes while it rests, and nothing is made up for; then it comes at its next time."""
    workspace = workspace_in(tmp_path, made)
    now = [MONDAY]
    jobs = [job for job in timed_jobs(workspace) if job.name == "summary:weekly"]
    wheel = Wheel(jobs, lambda: workspace.store, workspace.settings.calendar.zone, lambda: now[0])
    timetable = Timetable(workspace, lambda: now[0], wheel.turn)
    wheel.round()
    timetable.pause("summary:weekly", "U0MINA")
    posted = []
    for day in (0, 7, 14):
        now[0] = MONDAY + timedelta(days=day, hours=1)
        wheel.round()
        posted.append(len(newest(workspace.store, 9)))
        if day == 7:
            timetable.resume("summary:weekly")
            wheel.round()
            posted.append(len(newest(workspace.store, 9)))
    assert posted == [0, 0, 0, 1]


def test_what_kpi_yaml_does_not_name_is_told(tmp_path: Path, made: list[Workspace]) -> None:
    """An old card may name a summary that is gone."""
    timetable = Timetable(workspace_in(tmp_path, made), lambda: MONDAY, threading.Lock())
    for act in (lambda: timetable.run_now("summary:gone"), lambda: timetable.pause("summary:gone", "U0MINA")):
        with pytest.raises(KpiBotError, match=r"not in kpi\.yaml any more"):
            act()
