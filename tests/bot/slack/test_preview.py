"""A summary's preview: its owner reads it first, and sends it at once, holds it back, or leaves it to its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_team import CHANNEL, Team, team

from bot.cards.summary import HOLD_BACK, SEND_NOW
from bot.running.jobs import wheel_of
from bot.running.loading import load_sources
from bot.running.wheel import Wheel
from bot.sandbox.slack.acting import elements_of
from bot.slack.listeners.acts.preview_buttons import decided
from bot.slack.listeners.services import Services
from bot.workspace import Workspace, settings_of
from kpi_core.deliveries.ledger import unsettled
from kpi_core.errors import KpiBotError

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
KPI_YAML = f"""company: Hanok Goods
timezone: UTC
currency: USD
owner: U0MINA
sources: [{{name: meta, type: csv, path: ads.csv, table: ad_performance, every: month 1 03:00}}]
audiences: {{exec: [ad_spend, cpc]}}
summaries: [{{name: weekly, channel: {CHANNEL}, audience: exec, every: monday 09:00, preview: 30m}}]
"""


@dataclass
class Office:
    """Ads of three weeks, and a wheel that turns by hand on the Monday after them."""

    team: Team
    workspace: Workspace
    wheel: Wheel

    def at(self, minutes: int) -> None:
        """Two rounds, so many minutes after nine."""
        self.team.clock[0] = NINE + timedelta(minutes=minutes)
        for _ in range(2):
            self.wheel.round()

    @property
    def previews(self) -> list[Any]:
        slack = self.team.slack.workspace
        return list(slack.in_channel(slack.direct("U0MINA").id))

    @property
    def shown(self) -> list[str]:
        return [message.text for message in self.team.shown]

    def press(self, name: str, user: str = "U0MINA") -> str:
        """What the person reads who pressed a button of the preview."""
        button = next(each for each in elements_of(self.previews[-1]) if each["action_id"].startswith(name))
        services = Services(
            self.workspace.door, self.workspace.settings, lambda: self.team.clock[0], lambda: self.workspace.store
        )
        return decided(services, self.workspace.store, user, button).text


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    days = [date(2026, 11, 2) + timedelta(days=day) for day in range(21)]
    rows = [f"{day},meta,social,brand,1000,100,100" for day in days]
    (tmp_path / "ads.csv").write_text(
        "\n".join(["date,platform,channel,campaign,impressions,clicks,spend", *rows]), "utf-8"
    )
    with team(tmp_path) as running:
        workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
        load_sources(workspace, NINE - timedelta(hours=2))
        made = Office(running, workspace, wheel_of(workspace, running.access, lambda: running.clock[0]))
        made.at(-60)
        yield made
        workspace.close()


def test_it_comes_before_its_time_and_changes_nothing(office: Office) -> None:
    """Half an hour before, once, in a direct message with two buttons; left alone, the summary comes as ever, once."""
    assert office.previews == []
    for minutes in (-29, -15, -1):
        office.at(minutes)
    (preview,) = office.previews
    assert preview.text.startswith(f"Preview: it goes to <#{CHANNEL}> at 09:00.\nWeek 47")
    assert office.shown == []
    office.at(1)
    assert [text.partition(" · ")[0] for text in office.shown] == ["Week 47"]
    assert len(office.previews) == 1


def test_sent_now_it_comes_once(office: Office) -> None:
    """As it was read, at once; at its time it is not sent again, whoever presses what."""
    office.at(-20)
    assert office.press(SEND_NOW) == "It goes out now, and not once more at its time."
    office.at(-19)
    assert office.shown == [office.previews[0].text.partition("\n")[2]]
    for name in (SEND_NOW, HOLD_BACK):
        with pytest.raises(KpiBotError, match="already"):
            office.press(name)
    office.at(1)
    office.at(30)
    assert len(office.shown) == 1
    assert not unsettled(office.workspace.store)


def test_held_back_it_does_not_come(office: Office) -> None:
    """Nor at its time; sent after all, it comes once."""
    office.at(-20)
    assert office.press(HOLD_BACK).startswith("Held back.")
    office.at(1)
    office.at(30)
    assert office.shown == []
    office.press(SEND_NOW)
    office.at(31)
    assert len(office.shown) == 1


def test_nobody_else_decides(office: Office) -> None:
    """A press by another member is refused, and changes nothing."""
    office.at(-20)
    with pytest.raises(KpiBotError, match="Only its owner"):
        office.press(HOLD_BACK, "U0ALEX")
    office.at(1)
    assert len(office.shown) == 1
