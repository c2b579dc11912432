"""What waits for a person: its owner hears of it once, in a direct message, and it goes on by itself after that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_team import CHANNEL, Team, team
from sqlalchemy import event

from bot.running.jobs import wheel_of
from bot.running.loading import load_sources
from bot.running.owners.silent_sources import tell_of_silent_sources
from bot.running.wheel import Wheel
from bot.sandbox.slack.slack_workspace import BOT_USER
from bot.sandbox.slack.web_api.slack_faults import Fault
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Amendment, Posting
from kpi_core.deliveries.planning import newest, plan_once
from kpi_core.settings.values import Goal
from kpi_core.state.goals import replace_goals

KPI_YAML = "company: Hanok Goods\ntimezone: UTC\ncurrency: USD\nowner: U0MINA\n"


@dataclass
class Office:
    """A workspace whose wheel turns by hand, beside a local Slack."""

    team: Team
    workspace: Workspace
    wheel: Wheel

    def later(self, minutes: int = 6, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.team.clock[0] += timedelta(minutes=minutes)
            self.wheel.round()

    def plan(self, text: str = "week 47") -> None:
        plan_once(self.workspace.store, "summary:weekly", [Posting(CHANNEL, text)], self.team.clock[0])

    @property
    def heard(self) -> list[str]:
        """What the owner reads, oldest first."""
        slack = self.team.slack.workspace
        return [message.text for message in slack.in_channel(slack.direct("U0MINA").id)]

    @property
    def shown(self) -> list[str]:
        return [message.text for message in self.team.shown]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with team(tmp_path) as running:
        (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
        workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
        wheel = wheel_of(workspace, running.access, lambda: running.clock[0])
        # A new bot's hello is another matter.
        wheel.jobs = [job for job in wheel.jobs if job.name != "welcome"]
        yield Office(running, workspace, wheel)
        workspace.close()


def test_a_bot_that_is_in_no_channel_waits_and_says_so(office: Office) -> None:
    """The owner reads once what to type; an hour later it is done, and the post is there, once."""
    members = office.team.slack.workspace.channels[CHANNEL].members
    members.remove(BOT_USER)
    office.plan()
    office.later(rounds=10)
    (told,) = office.heard
    assert "/invite @KPI Bot" in told
    assert f"<#{CHANNEL}>" in told
    assert office.shown == []
    members.add(BOT_USER)
    office.later(rounds=3)
    assert office.shown == ["week 47"]
    assert len(office.heard) == 1


def test_a_channel_is_its_id(office: Office) -> None:
    """Renamed, or made private: it is the same channel, and nobody hears of it. Thrown out of it the bot waits.

    Invited back it posts what waited, and what came meanwhile, each once.
    """
    channel = office.team.slack.workspace.channels[CHANNEL]
    channel.name, channel.kind = "growth", "group"
    office.plan("week 46")
    office.later(rounds=2)
    assert (office.shown, office.heard) == (["week 46"], [])
    channel.members.remove(BOT_USER)
    office.plan("week 47")
    office.later(rounds=3)
    plan_once(office.workspace.store, "alert:b1", [Posting(CHANNEL, "CPC rose")], office.team.clock[0])
    office.later(minutes=24 * 60, rounds=2)
    channel.members.add(BOT_USER)
    office.later(rounds=3)
    assert sorted(office.shown) == ["CPC rose", "week 46", "week 47"]
    (told,) = office.heard
    assert f"<#{CHANNEL}>" in told
    assert "/invite @KPI Bot" in told


def test_a_source_that_falls_silent_is_told_once(office: Office) -> None:
    """A file that nobody writes any more: its owner reads since when, once until new rows have come and end again."""
    folder = office.workspace.settings.folder
    source = "{name: ads, type: csv, path: ads.csv, table: ad_performance, every: day 06:00}"
    (folder / "kpi.yaml").write_text(f"{KPI_YAML}sources: [{source}]\n", "utf-8")
    workspace = Workspace(settings_of(folder / "kpi.yaml"), {})
    start = office.team.clock[0].date() - timedelta(days=60)

    def mornings(days: int, through: int) -> list[str]:
        """What the owner has read after so many mornings, with rows up to a day."""
        lines = (f"{start + timedelta(days=n)},google,brand,100,9,50" for n in range(through))
        (folder / "ads.csv").write_text("\n".join(["date,platform,campaign,impressions,clicks,spend", *lines]), "utf-8")
        for _ in range(days):
            now = office.team.clock[0] = office.team.clock[0] + timedelta(days=1)
            load_sources(workspace, now)
            tell_of_silent_sources(workspace, now, Fire(now))
        return [each.message.text for each in newest(workspace.store, 9) if isinstance(each.message, Posting)]

    assert mornings(1, 60) == []
    (told,) = mornings(8, 60)
    assert told.startswith("ads has brought nothing new since 22 November 2026")
    assert mornings(1, 69) == [told]
    assert len(mornings(8, 69)) == 2
    workspace.close()


def test_a_clock_that_jumps_is_told_until_it_is_right(office: Office) -> None:
    """What both clocks say, once; right again and wrong again is news. Schedules and posts go by Slack's meanwhile."""
    wrong, clock = [timedelta()], office.team.clock
    office.wheel = wheel_of(office.workspace, office.team.access, lambda: clock[0] + wrong[0])
    office.wheel.jobs = [job for job in office.wheel.jobs if job.name != "welcome"]
    for wrong[0], count in (
        (timedelta(days=30), 1),
        (timedelta(days=30), 1),
        (timedelta(), 1),
        (-timedelta(days=30), 2),
    ):
        office.later(rounds=2)
        assert len(office.heard) == count
    first, second = office.heard
    assert "machine says 2026-12-23 09:06, Slack's says 2026-11-23 09:06" in first
    assert "machine says 2026-10-24" in second


def test_a_trouble_that_comes_back_is_told_again(office: Office) -> None:
    """It passed and began anew: that is news; another cause in between is news, too."""
    slack = office.team.slack
    for error, count in (("is_archived", 1), ("restricted_action", 2), ("", 2), ("restricted_action", 3)):
        office.plan(f"{error} {count}")
        if error:
            slack.faults.put(Fault("error", "chat.postMessage", error=error))
        office.later(minutes=1)
        office.later(minutes=1)
        assert len(office.heard) == count, office.heard
        office.later()


def test_a_goal_on_a_kpi_that_is_gone_is_told_once(office: Office) -> None:
    """Its owner reads which it is, once; an archived one is nobody's, and one whose KPI is back is no trouble."""
    store, day = office.workspace.store, office.team.clock[0].date() + timedelta(days=30)
    lost, other = Goal("own_kpi", 3.0, day, "U0MINA"), Goal("cac", 40.0, day, "U0MINA")
    replace_goals(store, "sheet", [lost, other, Goal("own_kpi", 3.0, day - timedelta(days=40), "U0MINA")])
    office.later(minutes=1)
    for _ in range(3):
        office.later(minutes=24 * 60)
    (told,) = office.heard
    assert "no KPI own_kpi" in told
    replace_goals(store, "sheet", [other])
    office.later(minutes=24 * 60)
    replace_goals(store, "sheet", [lost])
    office.later(minutes=24 * 60, rounds=2)
    assert len(office.heard) == 2


def test_a_hopeless_post_is_told(office: Office) -> None:
    """A message to change that is gone holds nothing up, and its owner knows."""
    plan_once(office.workspace.store, "amend", [Amendment(CHANNEL, "1.000001", "x")], office.team.clock[0])
    office.plan()
    office.later(minutes=1)
    office.later(minutes=1)
    assert office.shown == ["week 47"]
    assert ["cannot be sent" in text for text in office.heard] == [True]


def test_a_state_that_takes_no_more_is_told_and_loses_nothing(office: Office) -> None:
    """A disk that is full or can only be read: its owner reads once what to look at, past the ledger.

    With room again what was planned comes, once, and the rounds have gone on all the while.
    """
    office.plan()
    refuses = [True]

    def set_mode(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA query_only = {int(refuses[0])}")

    event.listen(office.workspace.store.engine, "checkout", set_mode)
    office.later(minutes=2, rounds=12)
    (told,) = office.heard
    assert "The state database could not be used" in told
    assert "Check that the disk has room" in told
    assert office.shown == []
    refuses[0] = False
    office.later(minutes=2, rounds=4)
    assert office.shown == ["week 47"]
    assert len(office.heard) == 1


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive", "missing_scope"])
def test_a_token_that_is_mended_loses_nothing(office: Office, error: str) -> None:
    """Refused for a day; once the token is good again what was planned comes, and what was to be told is over."""
    slack = office.team.slack
    slack.faults.put(Fault("error", "chat.postMessage", error=error, times=10_000))
    office.plan()
    office.later(minutes=60, rounds=24)
    assert office.shown == []
    slack.faults.clear()
    office.later(rounds=3)
    assert (office.shown, office.heard) == (["week 47"], [])


def test_a_slack_that_is_away_holds_the_rest_up_no_longer_than_it_is(office: Office) -> None:
    """Nothing answers for a day: nothing is lost, and a minute after it is back the post is there."""
    slack = office.team.slack
    slack.faults.put(Fault("drop_before", "*", times=10_000))
    office.plan()
    office.later(minutes=60, rounds=24)
    slack.faults.clear()
    office.later(minutes=2, rounds=4)
    assert office.shown == ["week 47"]
