"""Numbers that move after they were posted: the message says so, and `kpi receipt` shows both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from slack_team import CHANNEL, Team, team

from bot.cli import main
from bot.running.loading import load_sources
from bot.running.telling.restating import LOOKED_AFTER, amendments
from bot.running.telling.summarising import composed, message_of, summary_setting
from bot.workspace import Workspace, settings_of
from kpi_core.deliveries.posted import posts_since
from kpi_core.deliveries.receipts import receipt_name

KPI_YAML = f"""company: Hanok Goods
timezone: UTC
currency: USD
sources: [{{name: meta, type: csv, path: ads.csv, table: ad_performance}}]
audiences: {{exec: [ad_spend, cpc]}}
summaries: [{{name: weekly, channel: {CHANNEL}, audience: exec, every: monday 09:00}}]
"""
MONDAY = date(2026, 11, 16)


@dataclass
class Office:
    """Ads of one week, 100 clicks a day, posted on the Monday after it."""

    folder: Path
    team: Team
    spend: dict[date, float] = field(
        default_factory=lambda: {MONDAY + timedelta(days=day): 100.0 for day in range(-21, 7)}
    )
    more: str = ""

    @property
    def now(self) -> datetime:
        return self.team.clock[0]

    def workspace(self) -> Workspace:
        (self.folder / "kpi.yaml").write_text(KPI_YAML + self.more, "utf-8")
        return Workspace(settings_of(self.folder / "kpi.yaml"), {})

    def load(self) -> None:
        rows = [f"{day},meta,social,brand,1000,100,{spend}" for day, spend in sorted(self.spend.items())]
        head = "date,platform,channel,campaign,impressions,clicks,spend"
        (self.folder / "ads.csv").write_text("\n".join([head, *rows]), "utf-8")
        workspace = self.workspace()
        load_sources(workspace, self.now)
        workspace.close()

    def post(self) -> str:
        """Its receipt."""
        self.load()
        workspace = self.workspace()
        setting = summary_setting(workspace.settings, "weekly")
        message = message_of(composed(workspace, setting, self.now), setting, "en")
        self.team.send(message)
        workspace.close()
        return receipt_name(message.numbers)

    def look(self, days: int = 1) -> int:
        """What `kpi run` does each morning; how many messages it changes."""
        self.team.clock[0] += timedelta(days=days)
        workspace = self.workspace()
        changes = amendments(workspace, self.now)
        for change in changes:
            self.team.send(change)
        workspace.close()
        return len(changes)

    @property
    def shown(self) -> str:
        (message,) = self.team.shown
        return message.text


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with team(tmp_path) as running:
        yield Office(tmp_path, running)


def test_a_number_that_moved_is_told_where_it_was_posted(office: Office) -> None:
    """The message stays, with the number of today, the one of then and the source that changed it, once."""
    receipt = office.post()
    first = office.shown
    assert f"Receipt {receipt}" in first
    assert office.look() == 0
    office.spend[MONDAY] = 170.0
    office.load()
    assert office.look() == 1
    assert office.shown.startswith(first)
    added = office.shown.removeprefix(first)
    assert (
        "Advertising spend · Week 47 · 16-22 November 2026: $770, was $700 (rows of meta came or changed since)"
        in added
    )
    assert "$1.10, was $1.00" in added
    assert office.look() == 0


def test_what_moves_back_is_taken_back(office: Office) -> None:
    """When the old figure was right after all, the message is what it was."""
    office.post()
    first = office.shown
    office.spend[MONDAY] = 170.0
    office.load()
    assert office.look() == 1
    office.spend[MONDAY] = 100.0
    office.load()
    assert office.look() == 1
    assert office.shown == first


def test_a_little_changes_no_message(office: Office) -> None:
    """Late rows move every number a little: under 2 % nobody is told; the receipt shows it all the same."""
    office.post()
    office.spend[MONDAY] = 113.0
    office.load()
    assert office.look() == 0


def test_days_that_came_late_are_named(office: Office) -> None:
    """A summary that was posted without its last day says, once that is in, what came later."""
    late = office.spend.pop(MONDAY + timedelta(days=6))
    office.post()
    office.spend[MONDAY + timedelta(days=6)] = late
    office.load()
    assert office.look() == 1
    assert "$700, was $600 (data after 21 Nov 2026 came later)" in office.shown


def test_after_two_months_a_post_is_history(office: Office) -> None:
    """Its receipt still tells; the message is left alone."""
    office.post()
    office.spend[MONDAY] = 170.0
    office.load()
    assert office.look(LOOKED_AFTER.days + 1) == 0


def test_a_message_for_fewer_eyes_is_not_filled_up(office: Office) -> None:
    """A KPI that the channel may not see any more is not asked for it again."""
    office.post()
    office.spend[MONDAY] = 170.0
    office.load()
    office.more = "access: {ad_spend: {channels: [C0BOARD]}}\n"
    office.look()
    assert "770" not in office.shown


def test_a_receipt_shows_then_and_now(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Also after the message was amended, in any case; every number with its query, parts and reason."""
    receipt = office.post()
    office.spend[MONDAY] = 170.0
    office.load()
    office.look()
    config = ["--config", str(office.folder / "kpi.yaml")]
    assert main(["receipt", receipt.upper(), *config]) == 0
    assert "$770, was $700" in capsys.readouterr().out
    assert main(["receipt", receipt, "--json", *config]) == 0
    document = json.loads(capsys.readouterr().out)
    spend = next(number for number in document["numbers"] if number["metric"] == "ad_spend")
    assert (spend["value"], spend["now"], spend["changed"], spend["reason"]) == (700.0, 770.0, True, "rows")
    assert spend["data_through"] == "2026-11-22"
    (post,) = posts_since(office.team.store, office.now - LOOKED_AFTER)
    assert main(["receipt", receipt_name(post.numbers), *config]) == 0
    assert "$770, unchanged" in capsys.readouterr().out
    assert main(["receipt", "nothing", *config]) == 1
    assert "no receipt" in capsys.readouterr().err
