"""What other definitions do to numbers: which KPIs differ and how, and both answers month by month. Pure.

changes = differing(old, new)                                  # two catalogues
asked = questions(changes[0], goals, window)                    # to be answered by an engine on either
compared_answers(changes[0], goals, window, old_answers, new_answers)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from math import isclose
from typing import Literal

from kpi_core.answers import Answer, GoalStatus
from kpi_core.catalog.digest import MODEL_PARTS, flat, meaning_of
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, shift, unit_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import goal_grain, status_in
from kpi_core.metrics import LANGUAGES, Catalog, LocalizedText, Metric, localized
from kpi_core.phrases import Notice
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal

Kind = Literal["changed", "reworded", "added", "removed"]
"""`reworded`: no number and no verdict depends on what differs."""
Answers = Mapping[MetricQuery, Answer]

MOST_GOAL_PERIODS = 13
_JUDGED_BY = ("type", "unit", "duration_unit", "direction", "cadence", "split", "fallback")
_WORDS = ("names", "aliases", "description", "stage", "indicator", "vanity", "audiences", "playbook")


@frozen
class Difference:
    """A part of a definition, by where it is written, before and after; None where it is not there."""

    place: str
    old: str | None
    new: str | None


@frozen
class Pair:
    """One period by both definitions; None is "no data", or that the KPI is not there."""

    period: Period
    complete: bool
    old: float | None
    new: float | None

    @property
    def change(self) -> float | None:
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def change_ratio(self) -> float | None:
        # Against the size of the old value, so that a loss that grows is a fall.
        return None if self.change is None or not self.old else self.change / abs(self.old)

    @property
    def moves(self) -> bool:
        if self.old is None or self.new is None:
            return self.old is not self.new
        # The same rows may be added in another order: the last bits of a float are no change.
        return not isclose(self.old, self.new, rel_tol=1e-9, abs_tol=1e-12)


@frozen
class GoalPeriod:
    """How a goal stands in a period by both definitions; None where the target is not held against it."""

    period: Period
    old: GoalStatus | None
    new: GoalStatus | None


@frozen
class GoalChange:
    """A goal, by today's target, in the periods it is meant for, the running one last."""

    goal: Goal
    periods: tuple[GoalPeriod, ...]

    def turned(self) -> tuple[GoalPeriod, ...]:
        """The periods in which the definitions disagree."""
        return tuple(goal_period for goal_period in self.periods if goal_period.old != goal_period.new)


@frozen
class KpiChange:
    """One KPI or variant whose definitions differ; `months` ends with the running one."""

    id: str
    kind: Kind
    old: Metric | None
    new: Metric | None
    differences: tuple[Difference, ...] = ()
    months: tuple[Pair, ...] = ()
    goals: tuple[GoalChange, ...] = ()
    unavailable: Notice | None = None
    """Why neither definition has data."""

    @property
    def metric(self) -> Metric:
        """The definition that words are taken from: the new one while there is one."""
        metric = self.new or self.old
        assert metric is not None
        return metric

    def moving(self) -> tuple[Pair, ...]:
        return tuple(month for month in self.months if month.moves)


@frozen
class Window:
    """The days looked at: complete months and the running one, oldest first."""

    months: tuple[Period, ...]
    today: date
    calendar: Calendar


def window_of(months: int, today: date, calendar: Calendar) -> Window:
    """So many complete months and the one that `today` lies in."""
    running = unit_of(today, "month", calendar)
    return Window(tuple(shift(running, -n, calendar) for n in range(months, -1, -1)), today, calendar)


def differing(old: Catalog, new: Catalog) -> list[KpiChange]:
    """KPIs and variants that are not defined alike, in the order of the new catalogue, those it lacks last."""
    changes = [KpiChange(name, "added", None, new.metrics[name]) for name in new.metrics if name not in old.metrics]
    changes += [KpiChange(name, "removed", old.metrics[name], None) for name in old.metrics if name not in new.metrics]
    for name in old.metrics.keys() & new.metrics.keys():
        before, after = old.metrics[name], new.metrics[name]
        meaning = _differences(
            {**meaning_of(before, old), **_judged(before)}, {**meaning_of(after, new), **_judged(after)}
        )
        wording = _differences(_words(before), _words(after))
        if meaning or wording:
            changes.append(KpiChange(name, "changed" if meaning else "reworded", before, after, (*meaning, *wording)))
    order = dict.fromkeys([*new.metrics, *old.metrics])
    places = {name: number for number, name in enumerate(order)}
    return sorted(changes, key=lambda change: places[change.id])


def _judged(metric: Metric) -> dict[str, str]:
    """What decides how a number is shown and judged."""
    fields = {name: getattr(metric, name) or None for name in _JUDGED_BY}
    units = {f"inputs.{metric_input.name}.unit": metric_input.unit for metric_input in metric.inputs.values()}
    return dict(flat("", fields)) | units


def _words(metric: Metric) -> dict[str, str]:
    """What is only said about a KPI; a variant repeats most of it from the plain one."""
    reading = _sentences("reading", [metric.reading])
    # A variant's other words are the plain KPI's: there they are reported once.
    if metric.variant_of:
        return dict(flat("", reading))
    fields = asdict(metric)
    benchmarks = [benchmark | {"text": localized(benchmark["text"], "en")} for benchmark in fields["benchmarks"]]
    parts = {name: fields[name] or None for name in _WORDS} | {"benchmarks": benchmarks or None}
    others = _sentences("benchmarks", [benchmark.text for benchmark in metric.benchmarks])
    parts |= {name: texts for name, texts in others.items() if name != "benchmarks"} | reading
    parts |= _sentences("traps", metric.traps) | _sentences("disputes", metric.disputes)
    parts["inputs"] = {
        metric_input.name: {"names": dict(metric_input.names)} for metric_input in metric.inputs.values()
    }
    return dict(flat("", parts))


def _sentences(place: str, sentences: Sequence[LocalizedText]) -> dict[str, list[str]]:
    """English by the place itself, every other language by a place below it."""
    by_language = {
        language: [sentence[language] for sentence in sentences if sentence.get(language)] for language in LANGUAGES
    }
    # One place for all English words, where people look for them; a translation is a line of its own.
    return {
        place if language == "en" else f"{place}.{language}": texts for language, texts in by_language.items() if texts
    }


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Difference, ...]:
    """What differs; of a measure, model or KPI that only one side uses, the expression that names it says enough."""
    shared = _owners(old) & _owners(new)
    return tuple(
        Difference(place.removeprefix("."), old.get(place), new.get(place))
        for place in dict.fromkeys([*old, *new])
        if old.get(place) != new.get(place) and _owned_by(place) <= shared
    )


def _owners(places: Iterable[str]) -> set[str]:
    return {owner for place in places for owner in _owned_by(place)}


def _owned_by(place: str) -> set[str]:
    """The model and measure, or the other KPI, that a place lies in; nothing for the KPI's own."""
    parts = place.split(".")
    if parts[0] in {"", "formula", "inputs"}:
        return set()
    if len(parts) < 3 or parts[1] in MODEL_PARTS:
        return {parts[0]}
    return {parts[0], ".".join(parts[:2])}


def questions(change: KpiChange, goals: Sequence[Goal], window: Window) -> Iterator[MetricQuery]:
    """What must be asked of both definitions to tell what a change does."""
    for month in window.months:
        yield _question(change.id, month)
    for goal in goals:
        if goal.kpi == change.id:
            yield from (_question(change.id, period, goal) for period in _periods_of(goal, change.metric, window))


def compared_answers(change: KpiChange, goals: Sequence[Goal], window: Window, old: Answers, new: Answers) -> KpiChange:
    """The change with what it does: both values of each month, and how each goal of the KPI stands by either."""
    months = tuple(_pair(_question(change.id, month), old, new) for month in window.months)
    goal_changes = tuple(
        GoalChange(
            goal,
            tuple(
                GoalPeriod(period, *(_status(goal, change.id, period, side, window) for side in (old, new)))
                for period in _periods_of(goal, change.metric, window)
            ),
        )
        for goal in goals
        if goal.kpi == change.id
    )
    return replace(change, months=months, goals=goal_changes)


def _question(kpi: str, period: Period, goal: Goal | None = None) -> MetricQuery:
    where = goal.where if goal else {}
    return MetricQuery(kpi, period, (), filters=tuple(Filter(name, (value,)) for name, value in where.items()))


def _pair(query: MetricQuery, old: Answers, new: Answers) -> Pair:
    available = [answers[query] for answers in (old, new) if query in answers]
    before, after = (answers[query].value if query in answers else None for answers in (old, new))
    return Pair(query.period, all(answer.complete for answer in available), before, after)


def _status(goal: Goal, kpi: str, period: Period, answers: Answers, window: Window) -> GoalStatus | None:
    answer = answers.get(_question(kpi, period, goal))
    return None if answer is None else status_in(goal, answer, window.today)


def _periods_of(goal: Goal, metric: Metric, window: Window) -> tuple[Period, ...]:
    """The months, or the last few units of what the target is meant for."""
    grain = goal_grain(goal, metric) or "month"
    if grain == "month":
        return window.months
    running = unit_of(window.today, grain, window.calendar)
    units = (shift(running, -n, window.calendar) for n in range(MOST_GOAL_PERIODS, -1, -1))
    # A goal may reach back before the months that are looked at; those answers were not asked for.
    return tuple(unit for unit in units if unit.start >= window.months[0].start)
