"""What is foreseen of the numbers that goals stand by: their days, fetched at once, and what signals make of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kpi_core.answering.assembly import values_of
from kpi_core.answering.comparability.maturity import corrected
from kpi_core.answering.fetched import MOST_ROWS, fetch_all
from kpi_core.answering.layout import ONE_DAY, leaves
from kpi_core.answering.resolved import Resolved, resolve
from kpi_core.answering.spans import cohorts
from kpi_core.answering.tables import Tables
from kpi_core.answering.values import Values
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.formula import Formula, formula_of, quotient_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import is_flow
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Settings
from kpi_core.signals.outlook import Course, Kind, Outlook, Unforeseen
from kpi_core.signals.series import Day
from kpi_core.sql.until_now import Clock

if TYPE_CHECKING:
    from kpi_core.signals.forecasts import Stretch

HISTORY = timedelta(days=240)
"""Days before a stretch that are looked at; longer stretches also need their season."""
YEARS = timedelta(days=728)
LONGEST_WITHOUT_SEASON = 31
WEEKS = 26
"""Weeks over which the course of a level is looked at."""
PROOF = timedelta(days=27)
SAME = 1e-6
"""How far the sum of these last days may differ from their value as a whole, as a share of it."""
Foreseen = Outlook | Course | Unforeseen


@frozen
class _Task:
    """An answer whose end is to be foreseen, from the values of `question` in each of its `trend` periods."""

    answer: Answer
    kind: Kind
    question: Resolved


def foresee(answers: Sequence[Answer], settings: Settings, tables: Tables, clock: Clock) -> list[Answer]:
    """The answers with what is foreseen of them; their days come from one more plan. What is settled has no outlook.

    What was worked out for a version of the data is not worked out again on the same day.
    """
    keys = [_key(answer, settings, clock) for answer in answers]
    missing = {key: answer for key, answer in zip(keys, answers, strict=True) if key not in tables.outlooks}
    if missing:

        def work_out() -> dict[str, Foreseen | None]:
            outlooks = _outlooks(list(missing.values()), settings, tables, clock)
            return dict(zip(missing, outlooks, strict=True))

        tables.outlooks.update(tables.learnt("outlooks", "\n".join(missing), work_out))
    return [replace(answer, outlook=tables.outlooks[key]) for key, answer in zip(keys, answers, strict=True)]


def _key(answer: Answer, settings: Settings, clock: Clock) -> str:
    """All that an outlook depends on beside the data."""
    query, place = answer.query, (settings.calendar, sorted(settings.parameters.items()), clock.today)
    state = (answer.is_settled, answer.is_sound, answer.value, answer.freshness)
    return repr((answer.metric.id, answer.definition.version, query.filters, query.period, state, place))


def _outlooks(answers: Sequence[Answer], settings: Settings, tables: Tables, clock: Clock) -> list[Foreseen | None]:
    tasks = [_task(answer, settings, tables, clock) for answer in answers]
    questions = [task.question for task in tasks if isinstance(task, _Task)]
    fetched = fetch_all(questions, tables, clock, MOST_ROWS)
    values = iter([values_of(need.question, need.slices, fetched.numbers) for need in fetched.needed])
    return [_foreseen(task, next(values)) if isinstance(task, _Task) else task for task in tasks]


def _task(answer: Answer, settings: Settings, tables: Tables, clock: Clock) -> _Task | Unforeseen | None:
    """What to fetch for an outlook, or why there is none; None where nothing is left to be foreseen."""
    if answer.value is None:
        return None
    known = tables.known
    metric = known.metrics[answer.metric.id]
    kind = _kind(metric, known)
    if kind is None:
        return None if answer.is_settled else "not_additive"
    if kind != "level" and answer.is_settled:
        return None
    if (waits := _waits(answer, metric, known)) is not None:
        return waits
    query = MetricQuery(metric.id, answer.query.period, (), (), answer.query.filters, trended=False)
    question = resolve(query, settings, tables.definitions, tables, clock)
    days = tuple(_days(question, kind))
    return _Task(answer, kind, replace(question, trend=days)) if days else "short_history"


def _waits(answer: Answer, metric: Metric, catalog: Catalog) -> Unforeseen | None:
    """Why the days that are in do not tell where the number goes yet."""
    if not answer.is_sound:
        return "incomplete"
    settles = answer.complete and answer.maturity is not None
    return "immature" if settles or next(cohorts(metric, catalog), None) is not None else None


def _kind(metric: Metric, catalog: Catalog) -> Kind | None:
    """Whether its days add up, those of its parts do, or it is a level; None for everything else."""
    parts = leaves(metric, catalog)
    if any(
        leaf.offset or leaf.beside or leaf.trailing_months or leaf.where or leaf.taken or leaf.over for leaf in parts
    ):
        return None
    measures = [catalog.models[leaf.model].measures[leaf.measure] for leaf in parts]
    if all(measure.additive or measure.spread for measure in measures):
        return "sum" if is_flow(metric) else "rate"
    if metric.type == "cumulative" and all(measure.last_per or measure.at == "end" for measure in measures):
        return "level"
    return None


def _days(question: Resolved, kind: Kind) -> Iterator[Period]:
    """The days whose values are needed, and last the weeks that they are held against; of a level the ends of weeks."""
    through = question.complete_through
    if kind == "level":
        for weeks in range(WEEKS, -1, -1):
            day = through - timedelta(weeks=weeks)
            yield Period(day, day + ONE_DAY, "day")
        return
    period = question.query.period
    history = HISTORY if period.days <= LONGEST_WITHOUT_SEASON else YEARS
    firsts = [table.first for table in question.coverages if table.first is not None]
    day = max(period.start - history, *firsts)
    yield from (
        Period(day + step * ONE_DAY, day + (step + 1) * ONE_DAY, "day") for step in range((through - day).days + 1)
    )
    yield Period(max(day, through - PROOF), through + ONE_DAY)


def _foreseen(task: _Task, values: Values) -> Foreseen:
    # They need numpy, which a question without a goal, or one that was asked before, has no use for.
    from kpi_core.signals.forecasts import Stretch, course_of, sum_outlook

    question, answer = task.question, task.answer
    numbers = {period: values.value(question.of(period)) for period in question.trend}
    if task.kind == "level":
        return course_of([(period.start, value) for period, (value, _parts) in numbers.items() if value is not None])
    proof = question.trend[-1]
    stretch = Stretch(answer.query.period.start, answer.query.period.end, question.complete_through)
    if task.kind == "sum":
        series = _series({period: value for period, (value, _parts) in numbers.items() if period != proof})
        if not _adds_up(series, numbers[proof][0], proof):
            return "not_additive"
        whole = {period: corrected(question, values, period)[0] for period in question.trend if period != proof}
        return sum_outlook(_series(whole), stretch)
    return _rate(task, {period: parts for period, (_value, parts) in numbers.items()}, stretch)


def _series(values: Mapping[Period, float | None]) -> list[Day]:
    return [Day(period.start, float(value)) for period, value in values.items() if value is not None]


def _rate(task: _Task, numbers: Mapping[Period, Mapping[str, float | None]], stretch: Stretch) -> Foreseen:
    from kpi_core.signals.forecasts import rate_outlook

    metric, catalog = task.question.metric, task.question.context.catalog
    proof = task.question.trend[-1]
    parts = {
        name: _series({period: each[name] for period, each in numbers.items() if period != proof})
        for name in metric.inputs
    }
    if not all(_adds_up(days, numbers[proof][name], proof) for name, days in parts.items()):
        return "not_additive"
    formula = formula_of(metric.formula)
    quotient = quotient_of(formula)
    billed = frozenset(name for name in parts if _is_billed(metric.inputs[name].expression, catalog))
    return rate_outlook(parts, _evaluated(formula), _evaluated(quotient.under) if quotient else None, stretch, billed)


def _evaluated(formula: Formula) -> Callable[[Mapping[str, float]], float | None]:
    return lambda numbers: formula.evaluate(numbers.get)


def _is_billed(expression: str, catalog: Catalog) -> bool:
    """Whether amounts in it belong to more days than the one they are booked on."""
    names = (name.partition(".") for name in formula_of(expression).names)
    return any(
        catalog.models[name].lumpy
        if dot
        else any(_is_billed(each.expression, catalog) for each in catalog.metrics[name].inputs.values())
        for name, dot, _measure in names
        if not dot or name in catalog.models
    )


def _adds_up(days: Sequence[Day], whole: float | None, period: Period) -> bool:
    """Whether the days of a period make up its value, which nothing else may be said of."""
    total = math.fsum(day.value or 0.0 for day in days if period.start <= day.on < period.end)
    return whole is not None and math.isclose(total, float(whole), rel_tol=SAME, abs_tol=SAME)
