"""What people type of goals and limits, read by the rules of the Sheet: in the terminal and in Slack alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from kpi_core.answering.layout import dimensions_of
from kpi_core.errors import QuestionError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from kpi_core.settings.values import Alert, Goal
from sheets_sync.tabs.goals.typed_days import Deadlines, day_typed
from sheets_sync.tabs.typed import TypedError, kpi_typed, per_typed, segment_typed, target_typed

if TYPE_CHECKING:
    from bot.cards.views.alert_view import RuleWords
    from bot.cards.views.goal_view import GoalWords
    from kpi_core.access.doorway import Door
    from kpi_core.metrics import Metric

Value = TypeVar("Value")
Problems = Mapping[str, Notice]
"""Field of `GoalWords` -> what is wrong with what stands there."""


@dataclass(slots=True)
class _Fields:
    """Fields read one by one: what is wrong with one says nothing of the others."""

    problems: dict[str, Notice] = field(default_factory=dict)

    def read(self, name: str, reading: Callable[[], Value]) -> Value | None:
        try:
            return reading()
        except TypedError as error:
            self.problems[name] = error.notice
            return None


@frozen
class TypedValues:
    """Reads for whoever a door is open to, by a clock."""

    clock: Callable[[], datetime]

    def goal(self, words: GoalWords, door: Door, language: str) -> Goal | Problems:
        """The goal, or all that is wrong with its words. A KPI that the audience may not see is refused by name."""
        locale, fields = language.replace("-", "_"), _Fields()
        days = Deadlines(locale, door.today(self.clock()), calendar=door.settings.calendar)
        metric = fields.read("kpi", lambda: self._kpi(words.kpi, door))
        target: float | None = None
        if metric is not None:
            target = fields.read("target", lambda: target_typed({"stringValue": words.target}, metric, locale))
        by = fields.read("by", lambda: day_typed({"stringValue": words.by}, days))
        where = fields.read("where", lambda: _segment(words.where, metric, door))
        per = fields.read("per", lambda: per_typed({"stringValue": words.per}))
        if metric is None or target is None or by is None or fields.problems:
            return fields.problems
        return Goal(metric.id, target, by, words.owner, where or {}, per, words.note, words.action)

    def alert(self, words: RuleWords, door: Door, language: str) -> Alert | Problems:
        """The rule, whose channel is still open, or all that is wrong with its words."""
        fields = _Fields()
        metric = fields.read("kpi", lambda: self._kpi(words.kpi, door))
        where = fields.read("where", lambda: _segment(words.where, metric, door))
        per = fields.read("per", lambda: per_typed({"stringValue": words.per}))
        limit = fields.read("limit", lambda: _limit(words, metric, language)) if metric else None
        if fields.problems or metric is None:
            return fields.problems
        rule = Alert("anomaly", "", metric.id, where or {})
        match words.rule:
            case "above":
                return replace(rule, when="threshold", above=limit, per=per)
            case "below":
                return replace(rule, when="threshold", below=limit, per=per)
            case "change":
                return replace(rule, when="change", change=limit, per=per)
            case "target":
                return replace(rule, when="target_at_risk")
            case _:
                return rule

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


def _limit(words: RuleWords, metric: Metric, language: str) -> float | None:
    """The number that a rule waits for: one in the KPI's scale, of a change a share of the number, 20 for 20 %."""
    locale = language.replace("-", "_")
    if words.rule in {"above", "below"}:
        return target_typed({"stringValue": words.limit}, metric, locale)
    typed = words.limit.strip().rstrip("%％").strip()
    if words.rule != "change" or not typed:
        return None
    share = target_typed({"stringValue": typed}, metric, locale) / 100
    if share <= 0:
        raise TypedError("bad_target", word=words.limit)
    return share
