"""A summary of the demo company for each audience: who decides, who runs the team, who runs a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from demo_side import shared_demo
from drawn_card import drawn, write_look

from bot.cards.summary import summary_card, summary_words
from bot.running.telling.summarising import composed
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.deliveries.summaries import Summary
from kpi_core.metrics import LANGUAGES

from golden import matches_golden

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
EVERY = {"exec": "month 1 09:00", "manager": "monday 09:00", "specialist": "monday 09:00"}


@pytest.fixture(scope="module")
def told() -> Mapping[str, Summary]:
    """The last whole month for who decides, the last whole week for the others."""
    company = shared_demo()
    setting = company.settings.summaries[0]
    asked = {audience: replace(setting, audience=audience, every=every) for audience, every in EVERY.items()}
    return {audience: composed(company, own, NOW) for audience, own in asked.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", EVERY)
def test_a_summary_reads_as_reviewed(told: Mapping[str, Summary], audience: str, language: str) -> None:
    """In the reader's language, nothing cut, at most seven lines; Slack takes all its blocks."""
    card, words = summary_card(told[audience], language), summary_words(told[audience], language)
    assert problems(card.blocks) == []
    assert 1 <= len(words.lines) <= 7
    assert "…" not in card.text
    write_look(f"summary_{audience}.{language}", card)
    matches_golden(f"cards/summary_{audience}.{language}.txt", drawn(card))
