"""MetricQuery in, Answer out: one plan for any number of questions, formulas after, verdicts last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from kpi_core.answering.assembly import assemble, definition_of, values_of
from kpi_core.answering.attainment import counted, held_goals
from kpi_core.answering.fetched import MOST_ROWS, fetch_all
from kpi_core.answering.health import incomplete_data, standing_of
from kpi_core.answering.known import lacking
from kpi_core.answering.layout import ONE_DAY, asks_for_goals, dimensions_of, models_of
from kpi_core.answering.notices import column_notices, unreadable
from kpi_core.answering.resolved import Resolved, resolve_all, stands_in
from kpi_core.answering.splits.dimension_members import members_of, models_with
from kpi_core.answering.tables import CurrentTables, Tables
from kpi_core.answers import Answer, Members
from kpi_core.catalog.local import localised
from kpi_core.dates.periods import Period, add_months
from kpi_core.errors import QuestionError
from kpi_core.goals.standing import by_segment, goal_for, goal_query, goals_near, with_goal
from kpi_core.goals.succession import in_series
from kpi_core.health.facts import Finding, Health
from kpi_core.metrics import Catalog, Metric
from kpi_core.phrases import Notice, say
from kpi_core.query import Filter, MembersQuery, MetricQuery
from kpi_core.settings.values import Goal, Settings
from kpi_core.sql.until_now import Clock
from kpi_core.warehouse.coverage import Coverage
from kpi_core.warehouse.door import Warehouse

if TYPE_CHECKING:
    from kpi_core.questions.vocabulary import Vocabulary


class Engine:
    """Answers questions on one workspace's data. Safe to share between threads."""

    def __init__(  # noqa: PLR0913 - what a workspace is made of
        self,
        settings: Settings,
        catalog: Catalog,
        warehouse: Warehouse,
        typed_goals: Callable[[], Sequence[Goal]] = tuple,
        archived_goals: Callable[[], Collection[str]] = frozenset,
        *,
        most_rows: int = MOST_ROWS,
    ) -> None:
        """`typed_goals` gives those that people keep in the Sheet; they come before those of the settings.

        `archived_goals` gives the keys of those of the settings that people took out of the Sheet.
        Of a split of more than `most_rows` rows only the groups are fetched that are shown.
        """
        self.settings = settings
        self.catalog = localised(catalog, settings.calendar.timezone, settings.parameters)
        self.warehouse = warehouse
        self._typed_goals, self._archived_goals, self._most_rows = typed_goals, archived_goals, most_rows
        self._tables = CurrentTables(settings, self.catalog, warehouse)
        self._vocabulary: Vocabulary | None = None
        self._building = threading.Lock()

    def answer(self, query: MetricQuery, now: datetime) -> Answer:
        """The answer to one question at an aware instant. QuestionError for a split that the tables do not have."""
        return self.answers([query], now)[0]

    def answers(self, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]:
        """The answers to several questions from one plan, in their order, each with how its goal stands now."""
        clock, tables = Clock(now, self.today(now)), self._tables.now()
        questions = self._resolved(queries, tables, clock)
        segments, calendar = by_segment(self.goals()), self.settings.calendar
        goals = [
            goal_for(question.metric, question.query, goals_near(question.metric, question.query, segments))
            if question.query.judged
            else None
            for question in questions
        ]
        measured = [
            None if goal is None else goal_query(goal, question.metric, calendar, clock.today)
            for goal, question in zip(goals, questions, strict=True)
        ]
        asked = {_days_of(question.query) for question in questions}
        others = [query for query in dict.fromkeys(measured) if query is not None and _days_of(query) not in asked]
        answers = self._assembled([*questions, *self._resolved(others, tables, clock)], tables, clock)
        # By what was asked: an answer's own query has its filters as the data spells them.
        put = [*(question.query for question in questions), *others]
        by_days = {_days_of(query): answer for query, answer in zip(put, answers, strict=True)}
        foreseen = [query for query in (*measured, *put) if query is not None and query.foreseen]
        self._foresee(by_days, foreseen, tables, clock)
        return [
            _with_goal(_with_outlook(answer, query, by_days), goal, beside, by_days, clock.today)
            for answer, query, goal, beside in zip(answers, put, goals, measured, strict=False)
        ]

    def _foresee(
        self,
        by_days: dict[_Asked, Answer],
        queries: Sequence[MetricQuery],
        tables: Tables,
        clock: Clock,
    ) -> None:
        """Give the answers that goals stand by what is foreseen of them."""
        asked = list(dict.fromkeys(map(_days_of, queries)))
        if asked:
            # Here, for it takes longer to import than to answer what stands by no goal.
            from kpi_core.answering.outlooks import foresee

            answers = foresee([by_days[days] for days in asked], self.settings, tables, clock)
            by_days |= dict(zip(asked, answers, strict=True))

    def _resolved(self, queries: Sequence[MetricQuery], tables: Tables, clock: Clock) -> list[Resolved]:
        resolved = resolve_all(queries, self.settings, self.catalog, tables, clock)
        return [self._with_goals(question, tables, clock) for question in resolved]

    def _assembled(self, questions: Sequence[Resolved], tables: Tables, clock: Clock) -> list[Answer]:
        """The answers from one plan, without their goals."""
        fetched = fetch_all(questions, tables, clock, self._most_rows)
        grounds = dict.fromkeys(question.ground for question in questions)
        health = tables.health_at(clock, {each.model for ground in grounds for each in ground.coverages})
        standing = {ground: standing_of(ground, health, clock.today) for ground in grounds}
        return [
            assemble(
                need.question,
                values_of(need.question, need.slices, fetched.numbers),
                definition_of(need.question, fetched.texts_of(need)),
                self.settings,
                standing[need.question.ground],
                clock.today,
            )
            for need in fetched.needed
        ]

    def goals(self) -> tuple[Goal, ...]:
        """All goals as they stand now, those of the Sheet first; without those of kpi.yaml that people archived."""
        typed = self._typed_goals()
        others = {*(self._archived_goals() if self.settings.goals else ())} | {goal.key for goal in typed}
        return in_series([*typed, *(goal for goal in self.settings.goals if goal.key not in others)])

    def unavailable(self, metric_id: str) -> Notice | None:
        """Why a KPI cannot be computed: the first of its tables that is not there or is empty; None when it can."""
        return self._reason(self.catalog.metrics[metric_id], self._tables.now())

    def unavailable_kpis(self) -> dict[str, Notice]:
        """Why a KPI cannot be computed, by its id, for each plain KPI without data; in catalogue order."""
        tables = self._tables.now()
        reasons = {metric.id: self._reason(metric, tables) for metric in self.catalog.kpis()}
        of_goals = {metric.id for metric in self.catalog.kpis() if asks_for_goals(metric)}
        others = [reason for metric_id, reason in reasons.items() if metric_id not in of_goals]
        if others and None not in others:
            # Goals are about other KPIs: without any of those there is nothing to reach.
            reasons |= dict.fromkeys(of_goals, others[0])
        return {metric_id: reason for metric_id, reason in reasons.items() if reason is not None}

    def missing_tables(self) -> dict[str, frozenset[str]]:
        """The tables that are not there or empty, by the id of each plain KPI that lacks any in all of its readings."""
        tables = self._tables.now()
        missing = {metric.id: self._missing(metric, tables) for metric in self.catalog.kpis()}
        return {metric_id: names for metric_id, names in missing.items() if names}

    def _missing(self, metric: Metric, tables: Tables) -> frozenset[str]:
        models = (self.catalog.models[name] for name in models_of(metric, self.catalog))
        names = {name for model in models for name in (model.reads if model.relation else (model.name,))}
        missing = frozenset(name for name in names if tables.coverage(name).first is None)
        if not missing or not metric.fallback:
            return missing
        return min(missing, self._missing(self.catalog.metrics[metric.fallback], tables), key=len)

    def incomplete_kpis(self, now: datetime) -> dict[str, tuple[Finding, ...]]:
        """What makes the data of this month and the one before incomplete, by the id of each plain KPI it touches."""
        tables, today = self._tables.now(), self.today(now)
        days = add_months(today.replace(day=1), -1), today + ONE_DAY
        findings = {
            metric.id: incomplete_data(self._reading(metric, tables), self.catalog, tables.health, days)
            for metric in self.catalog.kpis()
        }
        return {metric_id: touching for metric_id, touching in findings.items() if touching}

    def health(self) -> Health:
        """What the loads know of their sources."""
        return self._tables.now().health

    def reading_of(self, metric_id: str) -> Metric:
        """The reading that answers for a KPI: another one where a table of its own is missing."""
        return self._reading(self.catalog.metrics[metric_id], self._tables.now())

    def coverage(self, now: datetime) -> dict[str, Coverage]:
        """How far each table that is there reaches."""
        tables, clock = self._tables.now(), Clock(now, self.today(now))
        reach = {name: tables.coverage_at(name, clock) for name, model in self.catalog.models.items() if model.time}
        return {name: table for name, table in reach.items() if not table.missing}

    def dimension_values(self, dimension: str) -> tuple[str | None, ...]:
        """Every value of a dimension in the tables that are there, sorted, rows without one last."""
        return self._tables.now().members(dimension)

    def members(self, query: MembersQuery, now: datetime, among: Collection[str]) -> Members:
        """The values of dimensions in the rows of some tables. QuestionError where none of them has such dimensions."""
        tables, clock = self._tables.now(), Clock(now, self.today(now))
        models = models_with(query, tables, among)
        if not models:
            names = ", ".join((*query.dimensions, *(clause.dimension for clause in query.filters)))
            message, hint = say("en", "error.no_such_values", names=names), say("en", "error.no_such_values_hint")
            params = {"names": names, "hint": "error.no_such_values_hint"}
            raise QuestionError(message, code="no_such_values", hint=hint, params=params)
        return members_of(query, models, tables, clock)

    def dimensions_of(self, metric: Metric) -> tuple[str, ...]:
        """The dimensions that every table of the metric has, in the first table's order."""
        return dimensions_of(metric, self.catalog)

    def vocabulary(self) -> Vocabulary:
        """The words that questions may use; the values of a dimension are read when a question names it."""
        # Fifty questions at once after a start would build it fifty times.
        with self._building:
            if self._vocabulary is None:
                from kpi_core.questions.lexicon import load_vocabulary

                currency = self.settings.currency
                self._vocabulary = load_vocabulary(self.catalog, self.dimension_values, self._splits_of, currency)
            return self._vocabulary

    def _splits_of(self, metric_id: str) -> tuple[str, ...]:
        tables = self._tables.now()
        reading = self._reading(self.catalog.metrics[metric_id], tables)
        return dimensions_of(tables.known.metrics[reading.id], tables.known)

    def today(self, now: datetime) -> date:
        """The local date of an aware instant."""
        return self.settings.calendar.today(now)

    def _reason(self, metric: Metric, tables: Tables) -> Notice | None:
        reading = self._reading(metric, tables)
        missing = next(unreadable(tables.coverages(reading)), None)
        lacks = lacking(tables.known.metrics[reading.id], tables.known, tables.fills)
        return missing or next(column_notices(lacks), None)

    def _reading(self, metric: Metric, tables: Tables) -> Metric:
        if (other := stands_in(metric, self.catalog, tables)) is not None:
            return self._reading(other, tables)
        return metric

    def _with_goals(self, question: Resolved, tables: Tables, clock: Clock) -> Resolved:
        """A question about goals is asked with what became of them in each of its periods."""
        if not asks_for_goals(question.metric):
            return question
        goals = [goal for goal in self.goals() if self._can_hold(goal)]
        held = held_goals(goals, (part.period for part in question.slices()), self.catalog)
        answers = self._assembled(self._resolved([query for _goal, query in held], tables, clock), tables, clock)
        return replace(question, context=replace(question.context, goals=counted(held, answers, clock.today)))

    def _can_hold(self, goal: Goal) -> bool:
        metric = self.catalog.metrics.get(goal.kpi)
        return metric is not None and goal.where.keys() <= set(self.dimensions_of(metric))


_Asked = tuple[str, Period, tuple[Filter, ...], tuple[str, ...]]


def _with_outlook(answer: Answer, query: MetricQuery, by_days: Mapping[_Asked, Answer]) -> Answer:
    return replace(answer, outlook=by_days[_days_of(query)].outlook) if query.foreseen else answer


def _with_goal(
    answer: Answer, goal: Goal | None, beside: MetricQuery | None, by_days: Mapping[_Asked, Answer], today: date
) -> Answer:
    if goal is None or beside is None:
        return answer
    return with_goal(answer, goal, by_days[_days_of(beside)], today)


def _days_of(query: MetricQuery) -> _Asked:
    """What two questions share that have one value, and the same to be said of the data behind it."""
    return query.metric, query.period, query.filters, query.dimensions
