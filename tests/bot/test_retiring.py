"""What nobody uses is proposed for retirement: to its owner, once, and not for a bot that did not run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.running.telling.retiring import propose_retirement
from bot.workspace import Workspace, settings_of
from kpi_core.alerts.incident import Trace, rule_key
from kpi_core.alerts.record import Record, record_json
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.incident_course import Event, Known, open_incident, person_did
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import newest, schedule_at
from kpi_core.goals.check_ins import CheckIn
from kpi_core.settings.values import Alert, Goal
from kpi_core.state.audit import AuditEntry, record
from kpi_core.state.check_in_rows import add_check_in
from kpi_core.state.goals import set_goal
from kpi_core.state.schema import deliveries
from kpi_core.state.store import Store
from kpi_core.state.team.own_alerts import add_own_alert

GOAL = (
    "Goal Customer acquisition cost · 31 December 2026: not used since 13 July 2026. "
    "Archive it in the Sheet, or take it out of goals: in kpi.yaml."
)
START = datetime(2026, 7, 6, 10, tzinfo=UTC)
WEEK = timedelta(weeks=1)
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
owner: U0ALEX
goals:
  - {kpi: cac, target: 40, by: 2026-12-31, owner: U0MINA}
  - {kpi: roas, target: 3, by: 2026-08-31, owner: Jun}
audiences: {exec: [cac, ctr, cpm]}
summaries: [{name: weekly, channel: C0MARKET, audience: exec, every: monday 09:00}]
alerts: [{kpi: cpc, when: anomaly, channel: C0MARKET, owner: U0WEI}]
"""


@dataclass
class Office:
    """A workspace that nobody uses but for what a test does in it."""

    workspace: Workspace
    now: datetime = START

    def monday(self, missed: int = 0, weeks: int = 1) -> None:
        for _ in range(weeks):
            self.now += WEEK
            propose_retirement(self.workspace, self.now, Fire(self.now, missed))

    @property
    def proposed(self) -> dict[str, list[str]]:
        """By owner, the lines about things, in the order of the messages."""
        lines: dict[str, list[str]] = {}
        for delivery in reversed(newest(self.store, 50)):
            if isinstance(delivery.message, Posting) and delivery.schedule == "retirement":
                _head, *own, _foot = delivery.message.text.splitlines()
                lines.setdefault(delivery.message.channel, []).extend(own)
        return lines

    @property
    def store(self) -> Store:
        return self.workspace.store

    def ask(self, metric: str, under: str = "") -> None:
        record(self.store, AuditEntry(self.now, "U0MINA", metric, metric, {}, under))

    def alarm(self, own: Alert | None = None) -> str:
        """The alert speaks up."""
        rule, day = own or self.workspace.settings.alerts[0], date(2026, 7, 5)
        trace = Trace(rule_key(rule), rule.kpi, (), "", day, day, None, frozenset(), (), frozenset(), missing=False)
        body = record_json(Record((trace,), "CPC", 0.5, urgent=False))
        message = {"text": "CPC", "blocks": [], "line": "CPC", "rank": 0.5, "urgent": False}
        open_incident(self.store, Known("3f2a", rule.channel, "open", self.now, "", None, body), message)
        return "3f2a"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    yield Office(workspace)
    workspace.close()


def test_what_nobody_uses_is_proposed_once(office: Office) -> None:
    """After eight weeks, each to its own owner; weeks later nobody is asked again.

    A goal that is over goes by itself, an alert that never spoke is needed, and a KPI with a goal has its goal for it.
    """
    office.monday(weeks=8)
    assert office.proposed == {}
    office.monday()
    first = office.proposed
    assert first == {
        "U0MINA": [GOAL],
        "U0ALEX": [
            "Summary weekly: not used since 13 July 2026. Take it out of summaries: in kpi.yaml.",
            "KPI Click-through rate: not used since 13 July 2026. Take it out of audiences: in kpi.yaml.",
            "KPI Cost per thousand impressions: not used since 13 July 2026. Take it out of audiences: in kpi.yaml.",
        ],
    }
    office.monday(weeks=10)
    assert office.proposed == first


def test_use_is_what_people_do(office: Office) -> None:
    """A question, a press under a summary, a check-in: what they touch is not proposed."""
    office.monday(weeks=5)
    office.ask("ctr")
    office.ask("", under="summary:weekly")
    goal = office.workspace.settings.goals[0]
    add_check_in(office.store, CheckIn(goal.key, "cac", office.now, "U0MINA", 7))
    office.monday(weeks=5)
    assert [line.partition(":")[0] for lines in office.proposed.values() for line in lines] == [
        "KPI Cost per thousand impressions"
    ]


def test_used_and_forgotten_it_is_proposed_once_more(office: Office) -> None:
    """Whoever was asked and used it then is asked again, eight weeks after that."""
    office.monday(weeks=9)
    office.now += timedelta(hours=1)
    office.ask("cpm")
    office.monday(weeks=9)
    lines = office.proposed["U0ALEX"]
    assert [line.partition(":")[0] for line in lines[3:]] == ["KPI Cost per thousand impressions"]


@pytest.mark.parametrize("answers", [False, True])
def test_an_alert_that_nobody_answers(office: Office, answers: bool) -> None:
    """Eight weeks after it spoke up to no one its owner is asked; one press on it is an answer."""
    office.monday()
    incident = office.alarm()
    if answers:
        person_did(office.store, incident, Event("", "seen", office.now + WEEK, "U0MINA"))
    office.monday(weeks=9)
    lines = office.proposed.get("U0WEI", [])
    assert [line.partition(":")[0] for line in lines] == (
        [] if answers else ["Alert Cost per click · anomaly · C0MARKET"]
    )


def test_what_was_set_in_slack_or_in_the_sheet_counts_too(office: Office) -> None:
    """An alert that somebody set is proposed to them, with how to stop it; a goal that was typed to its owner."""
    rule = Alert("threshold", "U0MINA", "ctr", owner="U0MINA", above=0.5)
    add_own_alert(office.store, "U0MINA", rule, direct=True, now=office.now)
    set_goal(office.store, Goal("cpm", 5.0, date(2026, 12, 31), owner="U0WEI"))
    office.alarm(rule)
    office.monday(weeks=10)
    assert [line.partition(":")[0] for line in office.proposed["U0WEI"]] == [
        "Goal Cost per thousand impressions · 31 December 2026"
    ]
    (line,) = (line for line in office.proposed["U0MINA"] if line.startswith("Alert"))
    assert line.startswith("Alert Click-through rate · threshold: nobody has answered it since")
    assert line.endswith(" Stop it on the bot's Home tab.")
    # Its alert and its goal stand for these KPIs.
    assert not any(line.startswith("KPI") for line in office.proposed["U0ALEX"])


def test_nothing_is_proposed_for_weeks_in_which_nothing_ran(office: Office) -> None:
    """After ten weeks of downtime all begins anew."""
    office.monday(weeks=2)
    office.now += 10 * WEEK
    office.monday(missed=10)
    assert office.proposed == {}
    office.monday(weeks=8)
    first = office.proposed
    assert first["U0ALEX"][0].startswith("Summary weekly")
    office.monday(missed=10)
    office.monday(weeks=10)
    assert office.proposed == first


def test_a_press_knows_the_post_it_was_under(office: Office) -> None:
    """By the ts of the message, in a channel and in a conversation; a message of others is none of ours."""
    with office.store.writing() as transaction:
        transaction.add(
            deliveries, key="k", schedule="summary:weekly", channel="U0ALEX", due=START, payload={}, numbers=[],
            planned_at=START, state="sent", attempts=1, wait_until=START, ts="17.5", error="",
        )  # fmt: skip
    assert [schedule_at(office.store, ts) for ts in ("17.5", "17.6")] == ["summary:weekly", ""]


def test_the_terminal_lists_what_is_out_of_use(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """`kpi audit --unused`: also what was asked about already; nothing while all is young."""

    def unused(*options: str) -> str:
        config: Sequence[str] = ["--config", str(office.workspace.settings.folder), "--now", office.now.isoformat()]
        assert main(["audit", "--unused", *config, *options]) == 0
        return capsys.readouterr().out

    office.monday()
    assert "Everything was used" in unused()
    office.monday(weeks=12)
    assert "Summary weekly: not used since 13 July 2026" in unused()
    kinds = [each["kind"] for each in json.loads(unused("--json"))["unused"]]
    assert kinds == ["goal", "summary", "kpi", "kpi"]
