"""Alerts at work: told once, with their reason, in one thread; people act, and hear what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from slack_team import CHANNEL, Team, team

from bot.cli import main
from bot.running.jobs import wheel_of
from bot.running.loading import load_sources
from bot.running.telling.alerting import Alerting
from bot.running.wheel import Wheel
from bot.sandbox.slack.slack_workspace import Message as Shown
from bot.slack.listeners.acts.alert_buttons import Deed, write_down
from bot.slack.listeners.readers import Place
from bot.slack.listeners.services import Services
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.incident_course import Step, known_incidents
from kpi_core.settings.values import Alert
from kpi_core.state.incidents import events_of
from kpi_core.state.sheets.sheet_log import SheetLog
from kpi_core.state.team.own_alerts import add_own_alert, remove_own_alert

TODAY = date(2026, 11, 23)
"""Of `slack_team`'s clock."""
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
sources: [{name: ads, type: csv, path: ads.csv, table: ad_performance}]
alerts:
  - {kpi: cpc, when: anomaly, by: channel, channel: C0MARKET, owner: U0MINA}
  - {kpi: cpm, when: anomaly, by: channel, channel: C0MARKET}
"""
FIRST = date(2026, 9, 25)
HEAD = "date,platform,channel,campaign,impressions,clicks,spend\n"


@dataclass
class Office:
    """A workspace with ads of two channels, whose wheel turns by hand beside a local Slack."""

    team: Team
    folder: Path
    workspace: Workspace
    wheel: Wheel
    prices: dict[tuple[date, str], float] = field(default_factory=dict)
    """What a click costs where that is not 1."""

    def load(self, through: date) -> None:
        """Write and load the ads until a day."""
        lines = []
        for number in range((through - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            for channel, clicks in (("search", 400), ("display", 200)):
                wave = 1 + 0.02 * ((number * 7 + len(channel)) % 5 - 2)
                spend = clicks * wave * self.prices.get((day, channel), 1.0)
                lines.append(
                    f"{day},google,{channel},{channel} a,{int(clicks * 50)},{int(clicks * wave)},{spend:.2f}\n"
                )
        (self.folder / "ads.csv").write_text(HEAD + "".join(lines), "utf-8")
        load_sources(self.workspace, self.team.clock[0], accept=True)

    def morning(self, day: date, price: float = 1.0) -> None:
        """The morning after a day on which a click of display cost so much."""
        self.prices[day, "display"] = price
        self.team.clock[0] = datetime.combine(day + timedelta(days=1), datetime.min.time(), self.team.clock[0].tzinfo)
        self.team.clock[0] += timedelta(hours=9)
        self.load(day)
        self.turn()

    def turn(self) -> None:
        """Two rounds: what one has told has its place in Slack by the next."""
        for _ in range(2):
            self.team.clock[0] += timedelta(minutes=1)
            self.wheel.round()

    def press(self, step: Step, words: str = "", days: int = 0) -> None:
        (incident,) = known_incidents(self.workspace.store)
        services = Services(
            self.workspace.door, self.workspace.settings, lambda: self.team.clock[0], lambda: self.workspace.store
        )
        write_down(services, Place("U0MINA", CHANNEL), Deed(incident.id, step, words, days))
        self.turn()

    @property
    def openings(self) -> list[Shown]:
        return [message for message in self.team.shown if not message.thread_ts or message.thread_ts == message.ts]

    @property
    def replies(self) -> list[str]:
        return [message.text for message in self.team.shown if message.thread_ts and message.thread_ts != message.ts]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with team(tmp_path) as running:
        (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
        workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
        wheel = wheel_of(workspace, running.access, lambda: running.clock[0])
        wheel.jobs = [job for job in wheel.jobs if not job.name.startswith("files:")]
        yield Office(running, tmp_path, workspace, wheel)
        workspace.close()


def test_one_cause_is_one_thread_until_it_is_over(office: Office) -> None:
    """Dear clicks raise two KPIs: one message says so, with the reason.

    That it was seen and acted on, its end, and a week later what the number did and what else did, come into its
    thread, once each.
    """
    day = TODAY - timedelta(days=12)
    office.morning(day)
    assert office.team.shown == []
    office.morning(day + timedelta(days=1), 1.8)
    (alert,) = office.openings
    assert "Cost per click · channel display" in alert.text
    assert "Ad spend: $199 → $367, the whole change." in alert.text, alert.text
    assert "Suggested:" in alert.text
    assert "Cost per thousand impressions" in alert.text
    office.press("seen")
    office.press("acted")
    assert [text.partition(".")[0] for text in office.replies] == [
        "<@U0MINA> has seen it",
        "<@U0MINA> has taken action",
    ]
    for step in (2, 6, 10):
        office.morning(day + timedelta(days=step), 1.8 if step == 2 else 1.0)
    assert len(office.openings) == 1
    over, back = office.replies[2:]
    assert over.startswith("Over: back to usual")
    assert "days after the action: Cost per" in back
    assert known_incidents(office.workspace.store) == ()
    (logged,) = SheetLog(office.workspace.store, "any").alerts()
    assert (logged.kpi, logged.where, logged.kind, logged.owner) == ("cpc", {"channel": "display"}, "anomaly", "U0MINA")
    assert "where about" in logged.size
    assert "Ad spend: $199 → $367" in logged.reason
    assert (logged.kpis, logged.state) == ({"cpc", "cpm"}, "resolved")
    assert [act.who for act in logged.acts] == ["U0MINA"]
    assert logged.over is not None


def test_an_alert_has_a_receipt_and_is_amended(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Its numbers can be asked for again by the name at its end; once they are others, the message says so."""
    day = TODAY - timedelta(days=12)
    office.morning(day, 1.8)
    (alert,) = office.openings
    name = alert.text.partition("Receipt ")[2].split()[0]
    config = ["--config", str(office.folder / "kpi.yaml")]
    assert main(["receipt", name, *config]) == 0
    first, second = capsys.readouterr().out.splitlines()[1:3]
    assert "Cost per click · channel display" in first
    assert "unchanged" in first
    assert "Cost per thousand impressions" in second
    office.prices[day, "display"] = 1.5
    office.morning(day + timedelta(days=1), 1.8)
    (amended,) = office.openings
    assert amended.text.startswith(alert.text)
    assert "$1.50, was $1.80 (rows of ads came or changed since)" in amended.text
    assert amended.blocks[: len(alert.blocks)] == alert.blocks


def test_what_rests_comes_back(office: Office) -> None:
    """Put off for a day it is silent; after that, if it goes on, the thread says so."""
    day = TODAY - timedelta(days=12)
    office.morning(day, 1.8)
    office.press("snoozed", days=1)
    office.morning(day + timedelta(days=1), 1.8)
    office.morning(day + timedelta(days=2), 1.8)
    assert [text for text in office.replies if text.startswith("The pause is over")] != []
    assert len(office.openings) == 1


def test_what_comes_back_twice_says_its_own_number(office: Office) -> None:
    """The thread goes on, each time with the KPI that it began with and the day on which it is back."""
    day = TODAY - timedelta(days=16)
    prices = {0: 1.8, 6: 1.9, 12: 2.0}
    for step in range(13):
        office.prices[day + timedelta(days=step), "display"] = prices.get(step, 1.0)
    for step in (0, 3, 6, 9, 12):
        office.morning(day + timedelta(days=step), prices.get(step, 1.0))
    assert len(office.openings) == 1
    assert [text.partition(", where")[0] for text in office.replies if text.startswith("It is back")] == [
        "It is back: Cost per click · channel display. 13 November 2026: $1.90",
        "It is back: Cost per click · channel display. 19 November 2026: $2.00",
    ]


def test_a_second_process_tells_nothing_twice(office: Office) -> None:
    """Another process looks at the same data: no second incident, no second message."""
    day = TODAY - timedelta(days=12)
    office.morning(day, 1.8)
    Alerting(office.workspace)(office.team.clock[0], Fire(office.team.clock[0]))
    office.turn()
    assert len(office.team.shown) == 1
    (incident,) = known_incidents(office.workspace.store)
    with office.workspace.store.reading() as transaction:
        assert [event["what"] for event in events_of(transaction, incident.id)] == ["opened"]


def test_an_alert_of_ones_own_is_told_to_oneself(office: Office) -> None:
    """Beside those of the channel: in the conversation with the bot, which nobody else reads, until it is stopped."""
    day = TODAY - timedelta(days=12)
    office.morning(day)
    rule = Alert("threshold", "U0ALEX", "cpc", {"channel": "display"}, above=1.5, per="day", owner="U0ALEX")
    own = add_own_alert(office.workspace.store, "U0ALEX", rule, direct=True, now=office.team.clock[0])
    office.morning(day + timedelta(days=1), 1.8)
    workspace = office.team.slack.workspace
    (told,) = workspace.in_channel(workspace.direct("U0ALEX").id)
    assert "Cost per click" in told.text
    assert len(office.openings) == 1
    remove_own_alert(office.workspace.store, own.id)
    office.morning(day + timedelta(days=2), 1.8)
    assert [each.ts for each in workspace.in_channel(workspace.direct("U0ALEX").id)] == [told.ts]


@pytest.mark.parametrize("guest", [False, True])
def test_an_alert_that_somebody_set_for_a_channel_is_silent_while_strangers_read_there(
    office: Office, guest: bool
) -> None:
    """Whoever set it looked who read there then; what kpi.yaml names is told all the same."""
    day = TODAY - timedelta(days=12)
    office.morning(day)
    rule = Alert("threshold", "C0BOARD", "cpc", {"channel": "display"}, above=1.5, per="day", owner="U0ALEX")
    add_own_alert(office.workspace.store, "U0ALEX", rule, direct=False, now=office.team.clock[0])
    workspace = office.team.slack.workspace
    workspace.users["U0WEI"].is_restricted = guest
    for channel in ("C0BOARD", CHANNEL):
        workspace.channels[channel].members.add("U0WEI")
    office.morning(day + timedelta(days=1), 1.8)
    assert (list(workspace.in_channel("C0BOARD")) == []) is guest
    assert len(office.openings) == 1
