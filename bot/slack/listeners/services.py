"""What the listeners work with: the door to numbers, the settings, a clock, and the functions that draw cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.cards.answer import answer_card
from bot.cards.catalogue import explain_card, list_card
from bot.cards.word_cards import error_card, help_card

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cards.card import Card
    from kpi_core.access.audiences import Audience
    from kpi_core.access.doorway import Door
    from kpi_core.answers import Answer
    from kpi_core.errors import KpiBotError
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.phrases import Notice
    from kpi_core.query import MetricQuery
    from kpi_core.settings.values import Settings
    from kpi_core.state.store import Store


class Explains(Protocol):
    def __call__(self, metric: Metric, catalog: Catalog, language: str, sql: Sequence[str] = ()) -> Card: ...


@dataclass(frozen=True, slots=True)
class Cards:
    """How each kind of reply is drawn: pure functions."""

    answer: Callable[[Answer, str, Catalog], Card] = answer_card
    list: Callable[[Catalog, Mapping[str, Notice], str, int], Card] = list_card
    help: Callable[[str], Card] = help_card
    explain: Explains = explain_card
    error: Callable[[KpiBotError, str], Card] = error_card


def question_of(words: str, door: Door, now: datetime) -> MetricQuery:
    """The question that the words ask at an aware instant. QuestionError when they ask none."""
    return door.question(words, now)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a listener needs."""

    door: Callable[[Audience], Door]
    """The way to numbers, for those who will see them; what it gives is safe to use in several threads."""
    settings: Settings
    clock: Callable[[], datetime]
    """The present instant, timezone-aware."""
    cards: Cards = field(default_factory=Cards)
    parse: Callable[[str, Door, datetime], MetricQuery] = question_of
    store: Callable[[], Store] | None = None
    """Where it is written what was answered; None remembers it in this process alone."""
