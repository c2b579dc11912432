"""What people type of goals and limits, read by the rules of the Sheet: in the terminal and in Slack alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kpi_core.answering.layout import dimensions_of
from kpi_core.errors import QuestionError
from kpi_core.phrases import Notice
from kpi_core.settings.values import Goal
from sheets_sync.tabs.goals.typed_days import Deadlines, day_typed
from sheets_sync.tabs.typed import TypedError, kpi_typed, per_typed, segment_typed, target_typed

if TYPE_CHECKING:
    from bot.cards.views.goal_view import GoalWords
    from kpi_core.access.doorway import Door
    from kpi_core.metrics import Metric

Problems = Mapping[str, Notice]
"""Field of `GoalWords` -> what is wrong with what stands there."""


@dataclass(frozen=True, slots=True)
class TypedValues:
    """Reads for whoever a door is open to, by a clock."""

    clock: Callable[[], datetime]

    def goal(self, words: GoalWords, door: Door, language: str) -> Goal | Problems:
        """The goal, or all that is wrong with its words. A KPI that the audience may not see is refused by name."""
        locale = language.replace("-", "_")
        read: dict[str, Any] = {}
        problems: dict[str, Notice] = {}

        def field(name: str, reading: Callable[[], object]) -> None:
            try:
                read[name] = reading()
            except TypedError as error:
                problems[name] = error.notice

        field("kpi", lambda: self._kpi(words.kpi, door))
        if (metric := read.get("kpi")) is not None:
            field("target", lambda: target_typed({"stringValue": words.target}, metric, locale))
        field("by", lambda: day_typed({"stringValue": words.by}, Deadlines(locale, door.today(self.clock()))))
        field("where", lambda: _segment(words.where, metric, door))
        field("per", lambda: per_typed({"stringValue": words.per}))
        if problems:
            return problems
        return Goal(
            read["kpi"].id,
            read["target"],
            read["by"],
            words.owner,
            read["where"],
            read["per"],
            words.note,
            words.action,
        )

    def limit(self, typed: str, metric: Metric, language: str) -> float | Notice:
        """A number in the KPI's stored scale, or what is wrong with it."""
        try:
            return target_typed({"stringValue": typed}, metric, language.replace("-", "_"))
        except TypedError as error:
            return error.notice

    @staticmethod
    def _kpi(typed: str, door: Door) -> Metric:
        metric = kpi_typed({"stringValue": typed}, door.definitions, door.vocabulary())
        try:
            door.require(metric.id)
        except QuestionError as error:
            raise TypedError("not_allowed", kpi=metric.id) from error
        return metric


def _segment(typed: str, metric: Metric | None, door: Door) -> dict[str, str]:
    """A segment that the KPI has."""
    where = segment_typed({"stringValue": typed}, door.vocabulary())
    has = dimensions_of(metric, door.definitions) if metric else ()
    for dimension in where:
        if metric and dimension not in has:
            raise TypedError("no_dimension", kpi=metric.id, dimension=dimension)
    return where
