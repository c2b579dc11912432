"""The one way from a face to numbers: an engine, bound to whoever will see what it answers.

door = Door(engine, Channel("C0123"))
door.answers(queries, now)          # QuestionError for a KPI that the channel may not see
door.catalog                        # what it may see; door.definitions is everything, without numbers
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from kpi_core.access.audiences import Audience, Person
from kpi_core.access.limits import Limits, refuse_unknown, visible
from kpi_core.access.operator import Operator
from kpi_core.answering.layout import asks_for_goals, models_of
from kpi_core.answers import Answer, Members
from kpi_core.errors import QuestionError
from kpi_core.health.facts import COUNTED, Finding, Health
from kpi_core.metrics import LANGUAGES, Catalog, Metric
from kpi_core.phrases import Notice, say
from kpi_core.query import MembersQuery, MetricQuery
from kpi_core.settings.values import Goal, Settings
from kpi_core.warehouse.coverage import Coverage

if TYPE_CHECKING:
    from kpi_core.questions.following import Continued
    from kpi_core.questions.vocabulary import Vocabulary

_OF_PARTS = frozenset({"warning.zero_denominator"})
"""Notices that say what a part of the formula is."""


class Answering(Protocol):
    """The part of `kpi_core.answering.engine.Engine` that a door opens."""

    @property
    def settings(self) -> Settings: ...

    @property
    def catalog(self) -> Catalog: ...

    def answers(self, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]: ...

    def goals(self) -> tuple[Goal, ...]: ...

    def reading_of(self, metric_id: str) -> Metric: ...

    def unavailable_kpis(self) -> Mapping[str, Notice]: ...

    def missing_tables(self) -> Mapping[str, frozenset[str]]: ...

    def incomplete_kpis(self, now: datetime) -> Mapping[str, tuple[Finding, ...]]: ...

    def health(self) -> Health: ...

    def coverage(self, now: datetime) -> dict[str, Coverage]: ...

    def vocabulary(self) -> Vocabulary: ...

    def today(self, now: datetime) -> date: ...

    def members(self, query: MembersQuery, now: datetime, among: Collection[str]) -> Members: ...


class Door:
    """What one audience may learn of a workspace's numbers. Short-lived: limits and goals are read when it is made."""

    def __init__(self, engine: Answering, audience: Audience) -> None:
        """SettingsError where kpi.yaml limits a KPI that there is not, but for the operator."""
        if not isinstance(audience, Operator):
            refuse_unknown(engine.settings.access, engine.catalog)
        self._engine = engine
        self._limits = Limits(engine.settings.access, engine.catalog)
        self.audience = audience
        self.settings = engine.settings
        self.definitions = engine.catalog
        """Every KPI, to read what people type and to name what is left out; its numbers come from `answers` alone."""

    @cached_property
    def _closed(self) -> frozenset[str]:
        closed = self._limits.closed_to(self.audience)
        if not closed:
            return closed
        metrics = self.definitions.metrics.values()
        # Which reading answers depends on the tables that are loaded, so the definitions alone do not tell.
        falling_back = {
            metric.id
            for metric in metrics
            if metric.fallback in closed and self._engine.reading_of(metric.id).id in closed
        }
        counts_them = any(goal.kpi in closed for goal in self._engine.goals())
        counting = {metric.id for metric in metrics if counts_them and asks_for_goals(metric)}
        return closed | falling_back | counting

    @property
    def catalog(self) -> Catalog:
        """The definitions of what the audience may see."""
        return visible(self.definitions, self._closed)

    def may_see(self, metric_id: str) -> bool:
        return metric_id not in self._closed

    def left_out(self, metric_ids: Iterable[str]) -> tuple[Metric, ...]:
        """Those of the KPIs that the audience may not see, each once."""
        metrics = self.definitions.metrics
        known_ids = [metric_id for metric_id in dict.fromkeys(metric_ids) if metric_id in metrics]
        return tuple(metrics[metric_id] for metric_id in known_ids if not self.may_see(metric_id))

    def groups(self, metric_id: str = "") -> tuple[str, ...]:
        """The user groups whose members may see more: of any KPI, or of this one."""
        limits = self._limits.closing(metric_id) if metric_id else ()
        # What is closed by what it falls back to or counts has no limit of its own: any group may open it.
        return tuple(dict.fromkeys(group for limit in limits for group in limit.groups)) or self._limits.groups()

    def require(self, metric_id: str) -> None:
        """QuestionError where the audience may not see the KPI."""
        if self.may_see(metric_id):
            return
        metric = self.definitions.metrics[metric_id]
        unverified = isinstance(self.audience, Person) and self.audience.unverified
        hint = "error.not_verified_hint" if unverified else "error.not_allowed_hint"
        raise QuestionError(
            say("en", "error.not_allowed", kpi=metric.name("en")),
            code="not_allowed",
            hint=say("en", hint),
            params={f"kpi.{language}": metric.name(language) for language in LANGUAGES}
            | {"kpi": metric.name("en"), "hint": hint},
        )

    def answer(self, query: MetricQuery, now: datetime) -> Answer:
        """The answer to one question at an aware instant. QuestionError as `answers`."""
        return self.answers([query], now)[0]

    def answers(self, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]:
        """Answers in the order of the questions. QuestionError if one is about a KPI that the audience may not see."""
        # All are looked at before any is computed: the time that a refusal takes tells nothing.
        for query in queries:
            self.require(query.metric)
        return [self._for_readers(answer) for answer in self._engine.answers(queries, now)]

    def members(self, words: str, now: datetime) -> Members:
        """The values of the dimensions that the words name, in tables behind a KPI that the audience may see.

        "channel last-month where device=mobile". QuestionError where they name none, or none that it may see.
        """
        from kpi_core.questions.members_asked import members_asked

        metrics = self.catalog.metrics.values()
        query = members_asked(words, self.vocabulary(), self.settings.calendar, self.today(now), metrics)
        among = {name for metric in metrics for name in models_of(metric, self.catalog)}
        return self._engine.members(query, now, among)

    def goals(self) -> tuple[Goal, ...]:
        """The goals for KPIs that the audience may see, those of the Sheet first."""
        return tuple(goal for goal in self._engine.goals() if self.may_see(goal.kpi))

    def unavailable_kpis(self) -> Mapping[str, Notice]:
        """KPI id -> why it has no data, for those of `catalog` that have none."""
        reasons = self._engine.unavailable_kpis()
        return {metric_id: reason for metric_id, reason in reasons.items() if self.may_see(metric_id)}

    def incomplete_kpis(self, now: datetime) -> Mapping[str, tuple[Finding, ...]]:
        """KPI id -> what makes its newest data incomplete, for those of `catalog` with anything."""
        findings = self._engine.incomplete_kpis(now)
        return {
            metric_id: tuple(self._uncounted(finding) for finding in touching)
            for metric_id, touching in findings.items()
            if self.may_see(metric_id)
        }

    def health(self) -> Health:
        """What the loads know of their sources: names and days, no numbers of KPIs."""
        health = self._engine.health()
        sources = (
            replace(source, columns={}) if source.table in self._tables_behind_limits else source
            for source in health.sources
        )
        findings = tuple(self._uncounted(finding) for finding in health.findings)
        return replace(health, sources=tuple(sources), findings=findings) if self._tables_behind_limits else health

    def tables_to_add(self) -> dict[str, int]:
        """Table -> how many KPIs would have data if it alone were loaded."""
        missing = (tables for metric_id, tables in self._engine.missing_tables().items() if self.may_see(metric_id))
        return dict(Counter(table for tables in missing if len(tables) == 1 for table in tables))

    def coverage(self, now: datetime) -> dict[str, Coverage]:
        """How far each table that is there reaches."""
        return self._engine.coverage(now)

    def today(self, now: datetime) -> date:
        return self._engine.today(now)

    def vocabulary(self) -> Vocabulary:
        """The words of questions: all are understood, KPIs that the audience may not see are never offered."""
        words = self._engine.vocabulary()
        return replace(words, unoffered=self._closed) if self._closed else words

    def question(self, words: str, now: datetime) -> MetricQuery:
        """The question that the words ask at an aware instant. QuestionError when they ask none.

        What it suggests is what the audience may see.
        """
        from kpi_core.questions.parse import parse_question

        vocabulary, calendar, today = self.vocabulary(), self.settings.calendar, self.today(now)
        try:
            return parse_question(words, vocabulary, calendar, today)
        except QuestionError as error:
            # A suggestion is a whole question, so it is read again to see which KPI it is about.
            if self._closed:
                error.suggestions = tuple(words for words in error.suggestions if self._is_open(words, now))
            raise

    def following(self, before: MetricQuery, words: str, now: datetime) -> tuple[Continued, MetricQuery]:
        """What words ask after a question. QuestionError as `question`; what it suggests goes on from there, too."""
        from kpi_core.questions.following import follow
        from kpi_core.questions.spelled import can_be_asked, question_of

        vocabulary, calendar, today = self.vocabulary(), self.settings.calendar, self.today(now)
        try:
            return follow(before, words, vocabulary, calendar, today)
        except QuestionError as error:
            suggestions = []
            for suggestion in error.suggestions:
                # Suggestions are read before they are offered, yet not all of them after another question.
                with suppress(QuestionError):
                    query = follow(before, suggestion, vocabulary, calendar, today)[1]
                    if self.may_see(query.metric) and can_be_asked(query):
                        suggestions.append(question_of(query, over=query.period.end <= today))
            error.suggestions = tuple(dict.fromkeys(suggestions))
            raise

    def _is_open(self, words: str, now: datetime) -> bool:
        from kpi_core.questions.parse import parse_question

        try:
            query = parse_question(words, self.vocabulary(), self.settings.calendar, self.today(now))
        except QuestionError:
            return False
        return self.may_see(query.metric)

    def _for_readers(self, answer: Answer) -> Answer:
        """The answer without what would give a limited KPI away: the amounts of its formula, counts of rows."""
        if answer.health and self._tables_behind_limits:
            notes = (replace(note, finding=self._uncounted(note.finding)) for note in answer.health)
            answer = replace(answer, health=tuple(notes))
        if not self._limits.hides_parts(answer.metric.id, self.audience):
            return answer
        rows = answer.breakdown and tuple(replace(row, parts={}) for row in answer.breakdown)
        warnings = tuple(notice for notice in answer.warnings if notice.key not in _OF_PARTS)
        return replace(answer, parts={}, breakdown=rows, warnings=(*warnings, Notice("warning.parts_hidden")))

    def _uncounted(self, finding: Finding) -> Finding:
        """The finding without its counts, where they are rows of a table that a limited KPI counts or adds up."""
        if finding.table not in self._tables_behind_limits:
            return finding
        if finding.code in COUNTED:
            finding = Finding("counts_withheld", finding.source, finding.table, days=finding.days)
        return replace(finding, count=0, total=0)

    @cached_property
    def _tables_behind_limits(self) -> frozenset[str]:
        catalog = self.definitions
        limited = [catalog.metrics[metric_id] for metric_id in self._limits.limited_for(self.audience)]
        models = [catalog.models[name] for metric in limited for name in models_of(metric, catalog)]
        return frozenset(table for model in models for table in (model.name, *model.reads))
