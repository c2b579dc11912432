"""What the listeners work with: the engine, the settings, a clock, and the functions that draw cards."""

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
    from kpi_core.answers import Answer
    from kpi_core.errors import KpiBotError
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.phrases import Notice
    from kpi_core.query import MetricQuery
    from kpi_core.questions.parse import Vocabulary
    from kpi_core.settings.values import Settings
    from kpi_core.state.store import Store


class Answering(Protocol):
    """The part of `kpi_core.engine.Engine` that Slack needs; safe to call from several threads."""

    @property
    def catalog(self) -> Catalog: ...

    def answer(self, query: MetricQuery, now: datetime) -> Answer: ...

    def unavailable_kpis(self) -> Mapping[str, Notice]: ...

    def vocabulary(self) -> Vocabulary: ...


class Explains(Protocol):
    def __call__(self, metric: Metric, catalog: Catalog, language: str, sql: Sequence[str] = ()) -> Card: ...


@dataclass(frozen=True, slots=True)
class Cards:
    """How each kind of reply is drawn: pure functions."""

    answer: Callable[[Answer, str, Catalog], Card] = answer_card
    list: Callable[[Catalog, Mapping[str, Notice], str], Card] = list_card
    help: Callable[[str], Card] = help_card
    explain: Explains = explain_card
    error: Callable[[KpiBotError, str], Card] = error_card


def question_of(words: str, engine: Answering, settings: Settings, now: datetime) -> MetricQuery:
    """The question that the words ask at an aware instant. QuestionError when they ask none."""
    from kpi_core.questions.parse import parse_question

    return parse_question(words, engine.vocabulary(), settings.calendar, settings.calendar.today(now))


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a listener needs."""

    engine: Answering
    settings: Settings
    clock: Callable[[], datetime]
    """The present instant, timezone-aware."""
    cards: Cards = field(default_factory=Cards)
    parse: Callable[[str, Answering, Settings, datetime], MetricQuery] = question_of
    store: Callable[[], Store] | None = None
    """Where it is written what was answered; None remembers it in this process alone."""
