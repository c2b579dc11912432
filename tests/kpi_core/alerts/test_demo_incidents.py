"""On the demo company each planted fact is one incident, with its reason and what to do; a quiet quarter has none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from demo_side import FRIDAY, shared_demo
from drawn_card import drawn, write_look

from bot.cards.alert import Reader, alert_card, alert_words
from bot.running.telling.alerting import reader_of, rules_of
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.access.audiences import Channel
from kpi_core.alerts.all_rules import incidents
from kpi_core.alerts.incident import Incident
from kpi_core.alerts.scopes import scope_of
from kpi_core.demo.kpi_yaml import CHANNEL
from kpi_core.demo.planted_facts import all_facts
from kpi_core.metrics import LANGUAGES

from golden import matches_golden

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
QUIET = date(2026, 6, 1)
"""The first day of a quarter in which nothing was planted."""
QUARTER = timedelta(weeks=13)
FACTS = {name: facts[-1] for name, facts in all_facts(FRIDAY).items() if facts}


@pytest.fixture(scope="module")
def told() -> tuple[tuple[Incident, ...], Reader]:
    """All incidents from June on, as the readers of the channel would hear of them."""
    door = shared_demo().door(Channel(CHANNEL))
    scope = scope_of(door, QUIET, NOW)
    return incidents(rules_of(door, CHANNEL), scope, door.vocabulary().splits_of), reader_of(door)


@pytest.mark.parametrize(
    ("fact", "kpi", "reason"),
    [
        ("falling_roas", "roas", "Revenue by the ads"),
        ("broken_tracking", "", "Export those days again"),
        ("churn_spike", "churn_rate", "Customers lost"),
        ("display_cac", "cpc", "Ad spend"),
    ],
)
def test_each_planted_fact_is_one_incident(
    told: tuple[tuple[Incident, ...], Reader], fact: str, kpi: str, reason: str
) -> None:
    """Soon after it began, in its channel, of its segment, with the reason in arithmetic and what to do."""
    planted = FACTS[fact]
    every, reader = told
    own = [one for one in every if planted.start <= one.on <= planted.end]
    of_fact = [one for one in own if one.lead.episode.kpi == kpi]
    assert len(of_fact) == 1, [(one.on, one.lead.episode.kpi) for one in own]
    incident = of_fact[0]
    assert incident.channel == CHANNEL
    if planted.dimension and fact != "churn_spike":
        assert dict(incident.lead.episode.segment) == {planted.dimension: planted.value}
    if fact == "broken_tracking":
        assert {member.episode.kpi for member in incident.members} == {"", "website_traffic", "conversion_rate"}
    words = alert_words(incident, reader)
    assert any(reason in line for line in words.lines), words.lines
    assert words.action.startswith("Suggested: ") or incident.lead.episode.source


def test_nothing_else_is_told(told: tuple[tuple[Incident, ...], Reader]) -> None:
    """From June to November there are the planted facts and the goals that were missed, and nothing else."""
    every, _reader = told
    rest = [one for one in every if one.lead.episode.goal is None and one.on >= QUIET]
    assert len(rest) == 4, [(one.on, one.lead.episode.kpi, one.lead.episode.segment) for one in rest]


def test_a_quiet_quarter_raises_none(told: tuple[tuple[Incident, ...], Reader]) -> None:
    """Thirteen weeks in which nothing was planted: not a single alert."""
    every, _reader = told
    assert [(one.on, one.lead.episode.kpi) for one in every if QUIET <= one.on < QUIET + QUARTER] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_reads_as_reviewed(told: tuple[tuple[Incident, ...], Reader], language: str) -> None:
    """Every line of the card stands in its text too, in the reader's language; Slack takes all its blocks."""
    every, reader = told
    own, cards = Reader(language, reader.catalog, reader.currency), []
    for incident in every:
        card, words = alert_card(incident, own), alert_words(incident, own)
        assert problems(card.blocks) == []
        assert words.text[0] == card.blocks[0]["text"]["text"]
        assert card.blocks[1]["text"]["text"] == "\n".join(words.lines)
        if incident.lead.episode.goal is None:
            write_look(f"alert_{len(cards)}.{language}", card)
            cards.append(drawn(card))
    matches_golden(f"cards/alerts.{language}.txt", "\n\n".join(cards))
