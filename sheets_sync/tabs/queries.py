"""Which questions the tabs need answered. `docs/decisions/sheet.md` says why it is the last complete month."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta

from kpi_core.answering.layout import dimensions_of
from kpi_core.answers import Answer, GoalState
from kpi_core.dates.periods import Grain, Period, shift, unit_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import goal_for, goal_query, standing
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import Comparison, MetricQuery
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.reasons.funnel import funnel_kpis
from kpi_core.settings.sheet_record import LoggedAlert
from kpi_core.settings.values import Goal, Settings
from sheets_sync.tabs.single_cells import CellQuestion
from sheets_sync.tabs.tab import SPLITS
from sheets_sync.tabs.typed import owner_shown

MOST_ROWS = 50
"""Values of a dimension that a tab lists; the others are folded into one row."""

HEADLINES = 5

TRENDS: Mapping[str, Grain] = {"trends": "month", "trends_weekly": "week", "trends_daily": "day"}
"""Tabs of courses, each of one grain."""
_DAYS = 28
"""Days of a daily course."""

COHORTS = ("new_customers", *(f"cohort_retention@{months}m" for months in (1, 3, 6, 12)))
"""How many came in a month, and how many of them came back; those that the catalogue lacks are left out."""


@frozen
class Material:
    """What all tabs of one sync are made of. `answers` holds one Answer for each query of `queries_for`."""

    settings: Settings
    catalog: Catalog
    today: date
    kpis: tuple[Metric, ...]
    goals: tuple[Goal, ...]
    answers: Mapping[MetricQuery, Answer]
    vocabulary: Vocabulary
    """The words that people may type, the same as in a question."""
    left_out: tuple[Metric, ...] = ()
    """KPIs of the tabs, the funnel and the goals that the spreadsheet may not show."""
    cells: tuple[CellQuestion, ...] = ()
    """The questions of the tab of single cells."""
    people: Mapping[str, str] = field(default_factory=dict)
    """What owners of goals are called, by their ids in Slack."""
    alerts: tuple[LoggedAlert, ...] = ()
    """The incidents that the spreadsheet may show, the newest first."""
    untold: tuple[str, ...] = ()
    """What owners should have heard and Slack does not carry."""
    by_key: Mapping[str, Goal] = field(init=False, compare=False, repr=False)
    """The goals by their keys, of two with one key the first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {goal.key: goal for goal in reversed(self.goals)})

    def moment(self, at: datetime) -> str:
        """An instant as local date and time."""
        return f"{at.astimezone(self.settings.calendar.zone):%Y-%m-%d %H:%M}"

    def owner(self, goal: Goal | None) -> str:
        """Who answers for a goal, by name."""
        return owner_shown(goal.owner, self.people) if goal else ""

    @property
    def language(self) -> str:
        return self.settings.locale

    @property
    def period(self) -> Period:
        return last_complete("month", self.settings, self.today)

    def month(self, metric: Metric) -> Answer | None:
        """The KPI's last complete month, its comparisons and its trend."""
        return self.answers.get(month_query(metric, self.period))

    def to_date(self, metric: Metric) -> Answer | None:
        """The KPI's running month, against as much of the month before."""
        return self.answers.get(to_date_query(metric, self.settings, self.today))

    def course(self, metric: Metric, grain: Grain) -> Answer | None:
        """The KPI's last complete units of that grain, as a trend."""
        return self.answers.get(course_query(metric, grain, self.settings, self.today))

    def measured(self, goal: Goal, metric: Metric) -> Answer | None:
        """What a goal stands by today; None for one that its KPI's tables cannot be cut to."""
        own = self.by_key.get(goal.key, goal)
        return self.answers.get(goal_query(own, metric, self.settings.calendar, self.today))

    def standing(self, goal: Goal, metric: Metric) -> GoalState | None:
        """How a goal stands today; None where nothing tells."""
        answer = self.measured(goal, metric)
        return None if answer is None else standing(replace(goal, owner=self.owner(goal)), answer, self.today)

    def split(self, metric: Metric, dimension: str) -> Answer | None:
        return self.answers.get(split_query(metric, self.period, dimension))

    def label(self, metric: Metric) -> str:
        """The KPI's name; with its id where two KPIs shown here have the same one."""
        name = metric.name(self.language)
        same = [kpi for kpi in self.kpis if kpi.name(self.language) == name]
        return name if len(same) < 2 else f"{name} ({metric.id})"

    def listed_left_out(self) -> tuple[Metric, ...]:
        """What would stand in the tabs of all KPIs if the spreadsheet might show it."""
        listed = {kpi for kpis in self.settings.audiences.values() for kpi in kpis}
        return tuple(metric for metric in self.left_out if not listed or metric.id in listed)

    def funnel(self) -> tuple[Metric, ...]:
        """The steps of the funnel that the spreadsheet may show."""
        return tuple(metric for metric in funnel_kpis(self.catalog) if metric not in self.left_out)

    def cohorts(self) -> tuple[Metric, ...]:
        """The columns of the cohorts that the spreadsheet may show."""
        return tuple(metric for metric in cohort_kpis(self.catalog) if metric not in self.left_out)

    def executives(self) -> tuple[Metric, ...]:
        """The KPIs of executives as listed, money first."""
        listed = self.settings.audiences.get("exec", ())
        theirs = [metric for kpi in listed for metric in self.kpis if metric.id == kpi]
        return tuple(sorted(theirs, key=lambda metric: metric.unit != "currency"))

    def headlines(self) -> tuple[Metric, ...]:
        """The few KPIs that stand above all others: the executives' first, then the rest as listed."""
        first = self.settings.audiences.get("exec", ())
        ranked = sorted(self.kpis, key=lambda metric: first.index(metric.id) if metric.id in first else len(first))
        return tuple(metric for metric in ranked if _has_value(self.month(metric)))[:HEADLINES]


def shown_kpis(settings: Settings, catalog: Catalog, unavailable: Callable[[], Container[str]]) -> tuple[Metric, ...]:
    """The KPIs of all audiences, as listed; without audiences all that can be computed."""
    listed = dict.fromkeys(kpi for kpis in settings.audiences.values() for kpi in kpis)
    if listed:
        return tuple(catalog.metrics[kpi] for kpi in listed if kpi in catalog.metrics)
    # Found out only where nobody lists KPIs: it asks the warehouse.
    without_data = unavailable()
    return tuple(metric for metric in catalog.kpis() if metric.id not in without_data)


def last_complete(grain: Grain, settings: Settings, today: date) -> Period:
    return shift(unit_of(today, grain, settings.calendar), -1, settings.calendar)


def month_query(metric: Metric, period: Period) -> MetricQuery:
    return MetricQuery(metric.id, period)


def to_date_query(metric: Metric, settings: Settings, today: date) -> MetricQuery:
    running = unit_of(today, "month", settings.calendar)
    return MetricQuery(metric.id, running, comparisons=(Comparison("previous_period"),), trended=False)


def course_query(metric: Metric, grain: Grain, settings: Settings, today: date) -> MetricQuery:
    """The question whose trend is the KPI's course; that of months is the one that the Overview asks as well."""
    if grain == "month":
        return month_query(metric, last_complete("month", settings, today))
    if grain == "day":
        return MetricQuery(metric.id, Period(today - timedelta(days=_DAYS), today, "span"), comparisons=())
    return MetricQuery(metric.id, last_complete(grain, settings, today), comparisons=())


def split_query(metric: Metric, period: Period, dimension: str) -> MetricQuery:
    # No trend: these tabs show no course, and one a group would be most of the work.
    against = (Comparison("previous_period"),)
    return MetricQuery(metric.id, period, comparisons=against, dimensions=(dimension,), top=MOST_ROWS, trended=False)


def split_kpis(kpis: Sequence[Metric], catalog: Catalog, dimension: str) -> tuple[Metric, ...]:
    return tuple(metric for metric in kpis if dimension in dimensions_of(metric, catalog))


def cohort_kpis(catalog: Catalog) -> tuple[Metric, ...]:
    return tuple(catalog.metrics[kpi] for kpi in COHORTS if kpi in catalog.metrics)


def queries_for(  # noqa: PLR0913, PLR0917 - a question is made of all of these
    tabs: Iterable[str],
    settings: Settings,
    catalog: Catalog,
    today: date,
    kpis: Sequence[Metric],
    goals: Sequence[Goal] = (),
) -> list[MetricQuery]:
    """All questions that the tabs need, each once."""
    names = set(tabs)
    period = last_complete("month", settings, today)
    queries: list[MetricQuery] = []
    for tab, grain in TRENDS.items():
        if tab in names:
            queries += [course_query(metric, grain, settings, today) for metric in kpis]
    if names & {"overview", *TRENDS}:
        # Of the months, too: which KPIs are drawn goes by their last one.
        queries += [month_query(metric, period) for metric in kpis]
    if "overview" in names:
        queries += [to_date_query(metric, settings, today) for metric in kpis]
        beside = ((metric, goal_for(metric, month_query(metric, period), goals)) for metric in kpis)
        queries += [goal_query(goal, metric, settings.calendar, today) for metric, goal in beside if goal]
    if "cohorts" in names:
        queries += [course_query(metric, "month", settings, today) for metric in cohort_kpis(catalog)]
    if "funnel" in names:
        queries += [month_query(metric, period) for metric in funnel_kpis(catalog)]
    for tab, dimension in SPLITS.items():
        if tab in names:
            queries += [split_query(metric, period, dimension) for metric in split_kpis(kpis, catalog, dimension)]
    if "goals" in names:
        queries += [
            goal_query(goal, catalog.metrics[goal.kpi], settings.calendar, today)
            for goal in goals
            if _fits(goal, catalog)
        ]
    return list(dict.fromkeys(queries))


def _fits(goal: Goal, catalog: Catalog) -> bool:
    """Whether the KPI can be cut to the goal's segment."""
    return goal.where.keys() <= set(dimensions_of(catalog.metrics[goal.kpi], catalog))


def _has_value(answer: Answer | None) -> bool:
    return answer is not None and answer.value is not None
