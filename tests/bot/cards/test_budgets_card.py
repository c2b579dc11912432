"""The card of budgets, in three languages, and the words that ask for it."""

from __future__ import annotations

from datetime import date

import pytest
from drawn_card import matches_card

from bot.cards.budgets import budgets_card
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.dates.periods import Period
from kpi_core.goals.budget_pacing import BudgetPacing, ChannelPace
from kpi_core.metrics import LANGUAGES
from kpi_core.questions.intents.spoken import asks_for_all

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
PACING = BudgetPacing(
    NOVEMBER,
    date(2026, 11, 20),
    (
        ChannelPace("search", 9_700_000.0, 6_633_000.0, 9_667_000.0, 9_410_000.0, 9_950_000.0, None,
                    306_700.0, "on_pace"),
        ChannelPace("social", 5_600_000.0, 4_900_000.0, 6_650_000.0, 6_400_000.0, 6_900_000.0, date(2026, 11, 25),
                    70_000.0, "over"),
        ChannelPace("<display>", 900_000.0, 910_000.0, None, None, None, date(2026, 11, 19), 0.0, "spent_up"),
        ChannelPace(None, None, 12_000.0, None, None, None, None, None, "unbudgeted"),
    ),
    ChannelPace(None, 16_200_000.0, 12_455_000.0, 16_900_000.0, 16_500_000.0, 17_300_000.0, date(2026, 11, 29),
                374_500.0, "on_pace"),
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_reads_as_reviewed(language: str) -> None:
    """Largest budget first, the total last; what has no forecast, no budget or no channel says so."""
    card = budgets_card(PACING, "KRW", language)
    assert problems(card.blocks) == []
    assert "<display>" not in card.text
    matches_card(f"budgets.{language}", card)


@pytest.mark.parametrize(
    "words",
    [
        "budget pacing",
        "Budget pacing by channel?",
        "how is our ad budget pacing",
        "예산 페이스",
        "채널별 예산 페이싱",
        "預算進度",
        "各通路預算進度",
    ],
)
def test_the_words_for_it(words: str) -> None:
    """Whoever asks how the budgets run gets this card, in three languages."""
    assert asks_for_all(words) == "budgets"


@pytest.mark.parametrize(
    "words", ["budget", "budget by channel", "budget utilisation", "預算", "예산", "budget pacing search"]
)
def test_other_words_ask_for_the_kpi(words: str) -> None:
    """The budget itself, its share that is used, or one channel's, are questions like any other."""
    assert asks_for_all(words) is None
