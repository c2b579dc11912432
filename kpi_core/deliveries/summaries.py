"""Summaries: what a team hears each week, in the order that matters. Pure: answers in, a Summary out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from kpi_core.answering.layout import dimensions_of
from kpi_core.answers import BESIDE_A_NUMBER, Answer, BreakdownRow, Change, GoalState, GoalStatus, HealthNote
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import GRAIN_OF_CADENCE, Grain, Period, previous, unit_of
from kpi_core.dates.schedule import Schedule, parse_every
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import LENGTHS, is_flow
from kpi_core.metrics import Catalog, Metric
from kpi_core.phrases import Notice
from kpi_core.query import Filter, MetricQuery
from kpi_core.reasons.funnel import Bottleneck
from kpi_core.reasons.why import Why
from kpi_core.settings import values as configured

MOST_LINES = 7
MOST_GOALS = 40
"""Goals on segments of a KPI that are looked at, and goals beside the lines: those due first before the others."""
HEADLINES = ("sales_revenue", "leads", "cac", "roas", "conversion_rate", "website_traffic", "retention_rate")
"""What comes first where kpi.yaml names no KPIs for an audience."""

_URGENCY: dict[GoalStatus | None, int] = {"off_track": 0, "at_risk": 1, "open": 2, "no_data": 2}
_NEWS = {"worse": 0, "better": 1, "neutral": 2, "same": 3}


@frozen
class SummaryLine:
    """One KPI. `change` is against the period before; None where nothing can be compared.

    Its goal stands as everywhere, by a period of its own: a monthly KPI's by the month so far, whatever the week was.
    """

    answer: Answer
    change: Change | None

    @property
    def goal(self) -> GoalState | None:
        return self.answer.goal

    @property
    def metric(self) -> Metric:
        return self.answer.metric

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What the KPI is narrowed to: the segment of a goal."""
        return self.answer.query.filters

    @property
    def status(self) -> GoalStatus | None:
        return self.goal.status if self.goal else None


@frozen
class Tally:
    """How many goals of the lines stand where; `running` are those of which nobody can tell yet."""

    on_track: int = 0
    at_risk: int = 0
    off_track: int = 0
    running: int = 0


@frozen
class Action:
    """What to do as this KPI is off: what was `agreed` for its goal, else the playbook suggests something."""

    metric: Metric
    owner: str = ""
    filters: tuple[Filter, ...] = ()
    """The segment that is off."""
    agreed: str = ""


@frozen
class Late:
    """KPIs whose data ends early: `through` is the last day they have, None without any."""

    metrics: tuple[Metric, ...]
    through: date | None


@frozen
class Missing:
    """A KPI left out because it has no value, and why."""

    metric: Metric
    reason: Notice | None
    through: date | None = None
    """The last day of its data, where there is any."""


@frozen
class Extremes:
    """The best and the worst groups of a KPI split by one dimension, at most three each, the outermost first."""

    answer: Answer
    best: tuple[BreakdownRow, ...]
    worst: tuple[BreakdownRow, ...]


@frozen
class Summary:
    """What `kpi summary` prints and the bot posts, before it is drawn."""

    name: str
    company: str
    audience: str
    period: Period
    week: int | None
    """ISO week number of a weekly summary."""
    lines: tuple[SummaryLine, ...]
    tally: Tally
    best: SummaryLine | None
    """The biggest move for the better, None where nothing moved."""
    worst: SummaryLine | None
    chart: Answer | None
    """The KPI that needs eyes."""
    actions: tuple[Action, ...]
    data_through: date | None
    """The last day that every line has."""
    late: tuple[Late, ...] = ()
    missing: tuple[Missing, ...] = ()
    more: int = 0
    """How many KPIs with a value did not fit into the lines."""
    extremes: Extremes | None = None
    """Specialists see the campaigns at both ends."""
    sheet_url: str | None = None
    health: tuple[HealthNote, ...] = ()
    """What touches the lines in the data behind them, each once, the gravest first."""
    why: Why | None = None
    """What the biggest move for the worse is made of; executives read no channels."""
    bottleneck: Bottleneck | None = None
    """Of the funnel in the last whole month, for managers."""
    incidents: tuple[str, ...] = ()
    """What the channel was alarmed of and is not over, each in one line of its language."""
    endangered: tuple[SummaryLine, ...] = ()
    """Goals off track or at risk whose KPI stands in no line, the former first."""
    missed_since: datetime | None = None
    """When the first of the summaries was due that this one stands for, after downtime."""


def summary_period(every: str, day: date, calendar: Calendar) -> Period:
    """What a summary due on the local date `day` is about: the last whole week, month or day, as its schedule turns."""
    return previous(unit_of(day, parse_every(every).grain, calendar), calendar)


def audience_kpis(  # noqa: PLR0913, PLR0917 - all that decides which KPIs matter
    audience: str,
    settings: configured.Settings,
    catalog: Catalog,
    goals: Sequence[configured.Goal],
    grain: Grain,
    unavailable: Collection[str] = (),
) -> tuple[str, ...]:
    """The KPIs of an audience: those that kpi.yaml names, else the few of the catalogue that fit.

    Fitting are available KPIs made for the audience, no vanity metrics: those with goals first, then the headlines,
    then some of each journey stage, with those that move slower than the summary comes last.
    """
    if audience in settings.audiences:
        return settings.audiences[audience]
    fitting = [
        metric
        for metric in catalog.kpis()
        if audience in metric.audiences and not metric.vanity and metric.id not in unavailable
    ]
    with_goals = {goal.kpi for goal in goals}
    seen: Counter[str] = Counter()
    ranks: dict[str, tuple[bool, int, bool, int]] = {}
    for metric in fitting:
        headline = HEADLINES.index(metric.id) if metric.id in HEADLINES else len(HEADLINES)
        slow = LENGTHS[GRAIN_OF_CADENCE[metric.cadence]] > LENGTHS[grain]
        ranks[metric.id] = (metric.id not in with_goals, headline, slow, seen[metric.stage])
        # Slow ones come last anyway; they take no other's turn within their stage.
        seen[metric.stage] += not slow
    return tuple(sorted(ranks, key=lambda kpi: ranks[kpi])[:MOST_LINES])


def summary_queries(  # noqa: PLR0913, PLR0917 - all that decides what is asked
    setting: configured.Summary,
    settings: configured.Settings,
    catalog: Catalog,
    goals: Sequence[configured.Goal],
    day: date,
    unavailable: Collection[str] = (),
) -> list[MetricQuery]:
    """What to ask for a summary due on the local date `day`: feed the answers to `compose_summary`.

    A KPI is asked for the summary's period. A goal on a segment asks for the segment, but for executives. Unknown KPIs
    are left out.
    """
    period = summary_period(setting.every, day, settings.calendar)
    kpis = audience_kpis(setting.audience, settings, catalog, goals, period.grain, unavailable)
    queries: list[MetricQuery] = []
    for metric in (catalog.metrics[kpi] for kpi in kpis if kpi in catalog.metrics):
        running = [goal for goal in goals if goal.kpi == metric.id and goal.by >= period.start]
        # Those due first: a summary has seven lines, however many goals there are.
        if len(running) > MOST_GOALS:
            running = sorted(running, key=lambda goal: goal.by)[:MOST_GOALS]
        segments = [] if setting.audience == "exec" else [_filters(goal) for goal in running if goal.where]
        queries += [MetricQuery(metric.id, period, filters=filters) for filters in dict.fromkeys([(), *segments])]
    if setting.audience == "specialist":
        queries += _campaign_query(kpis, catalog, period)
    return queries


def goal_queries(  # noqa: PLR0913, PLR0917 - all that decides what is asked
    shown: Sequence[MetricQuery],
    setting: configured.Summary,
    settings: configured.Settings,
    catalog: Catalog,
    goals: Sequence[configured.Goal],
    day: date,
) -> list[MetricQuery]:
    """What to ask for the goals that run on a local date and that the queries of the summary do not show."""
    period = summary_period(setting.every, day, settings.calendar)
    own = {(query.metric, query.filters) for query in shown}
    running = (goal for goal in goals if goal.kpi in catalog.metrics and goal.by >= day)
    others = {
        (goal.kpi, _filters(goal)): MetricQuery(goal.kpi, period, (), filters=_filters(goal), trended=False)
        for goal in sorted(running, key=lambda goal: goal.by)
        if not (goal.where and setting.audience == "exec")
    }
    return [query for place, query in others.items() if place not in own][:MOST_GOALS]


def endangered(answers: Sequence[Answer]) -> tuple[SummaryLine, ...]:
    """The lines of the answers to `goal_queries` whose goals are off track or at risk."""
    lines = (SummaryLine(answer, None) for answer in answers)
    return tuple(sorted((line for line in lines if line.status in {"off_track", "at_risk"}), key=_order))


def summary_times(setting: configured.Summary, settings: configured.Settings) -> tuple[Schedule, ZoneInfo]:
    """When a summary is due, and by which zone's clock."""
    schedule = parse_every(setting.every)
    own = [text for text in (setting.timezone, setting.on_holidays if setting.on_holidays != "run" else "") if text]
    zone = ZoneInfo(setting.timezone) if setting.timezone else settings.calendar.zone
    # By its text the state sees that its times have changed.
    text = " ".join((setting.every, *own))
    return replace(schedule, text=text, on_holidays=setting.on_holidays, calendar=settings.calendar), zone


def lacks_data(summary: Summary) -> bool:
    """Whether data of its period has yet to come."""
    return bool(summary.late) or not summary.lines or any(note.finding.code == "load_failed" for note in summary.health)


def compose_summary(  # noqa: PLR0913, PLR0917 - the answers, and all that is said around them
    setting: configured.Summary,
    answers: Sequence[Answer],
    settings: configured.Settings,
    day: date,
    missed_since: datetime | None = None,
    left_out: Sequence[Metric] = (),
) -> Summary:
    """The summary of the answers to `summary_queries` of the same `setting`, `settings` and `day`.

    `left_out` are KPIs that it would show if all of its readers might see them.
    """
    period = summary_period(setting.every, day, settings.calendar)
    own = [answer for answer in answers if not answer.query.dimensions]
    lines = sorted((_line(answer) for answer in own if answer.value is not None), key=_order)
    top_lines = tuple(lines[:MOST_LINES])
    best, worst = _biggest(top_lines, "better"), _biggest(top_lines, "worse")
    # A goal that is missed without a move for the worse needs eyes all the same.
    eyes = worst or next((line for line in top_lines if line.status in {"off_track", "at_risk"}), None)
    return Summary(
        name=setting.name,
        company=settings.company,
        audience=setting.audience,
        period=period,
        week=_week_number(period),
        lines=top_lines,
        tally=_tally(top_lines),
        best=best,
        worst=worst,
        chart=(eyes or top_lines[0]).answer if top_lines else None,
        actions=_actions(eyes) if setting.audience != "exec" else (),
        data_through=min((line.answer.freshness.data_through or date.min for line in top_lines), default=None),
        late=_late(top_lines),
        missing=(
            *(_missing(answer) for answer in own if answer.value is None and not answer.query.filters),
            *(Missing(metric, Notice("warning.limited")) for metric in left_out),
        ),
        more=len(lines) - len(top_lines),
        extremes=next((_extremes(answer) for answer in answers if answer.query.dimensions and answer.breakdown), None),
        sheet_url=sheet_address(settings),
        health=_health(top_lines),
        missed_since=missed_since,
    )


def _filters(goal: configured.Goal) -> tuple[Filter, ...]:
    return tuple(Filter(dimension, (value,)) for dimension, value in sorted(goal.where.items()))


def _campaign_query(kpis: Iterable[str], catalog: Catalog, period: Period) -> list[MetricQuery]:
    """The first KPI with a good and a bad end that can be split by campaign, so split.

    Rates before sums: the smallest campaign has the smallest sum, which is no news.
    """
    metrics = [catalog.metrics[kpi] for kpi in kpis if kpi in catalog.metrics]
    for metric in sorted(metrics, key=is_flow):
        if metric.direction != "neutral" and "campaign" in dimensions_of(metric, catalog):
            return [MetricQuery(metric.id, period, dimensions=("campaign",), whole=True)]
    return []


def _line(answer: Answer) -> SummaryLine:
    changes = (change for change in answer.comparisons if change.basis == "previous_period")
    return SummaryLine(answer, next(changes, None))


def _order(line: SummaryLine) -> tuple[bool, int, int, float]:
    """Goals first, the endangered before the safe; then the worst news first."""
    urgency = _URGENCY.get(line.status, 3)
    verdict = line.change.verdict if line.change and not _is_lumpy(line) else None
    return (line.goal is None, urgency, _NEWS.get(verdict or "neutral", 2), -_size(line))


def _size(line: SummaryLine) -> float:
    return abs(line.change.change_ratio or 0.0) if line.change else 0.0


def _is_lumpy(line: SummaryLine) -> bool:
    """Whether amounts of the line belong to more days than the summary's: a bill that fell into them is no news."""
    return any(warning.key == "warning.lumpy_costs" for warning in line.answer.warnings)


def _biggest(lines: Iterable[SummaryLine], verdict: str) -> SummaryLine | None:
    moved = (line for line in lines if line.change and line.change.verdict == verdict and not _is_lumpy(line))
    return max(moved, key=_size, default=None)


def _tally(lines: Iterable[SummaryLine]) -> Tally:
    count = Counter(line.status for line in lines)
    return Tally(count["met"] + count["on_track"], count["at_risk"], count["off_track"], count["open"])


def _actions(line: SummaryLine | None) -> tuple[Action, ...]:
    if line is None:
        return ()
    owner, agreed = (line.goal.owner, line.goal.action) if line.goal else ("", "")
    if not agreed and not line.metric.playbook:
        return ()
    return (Action(line.metric, owner, line.filters, agreed),)


def _late(lines: Iterable[SummaryLine]) -> tuple[Late, ...]:
    """Lines whose data ends before the period does, or that the engine calls stale; the latest first."""
    late = {
        line.metric.id: line.answer
        for line in lines
        if line.answer.freshness.stale
        or (line.answer.freshness.data_through or date.min) < line.answer.query.period.last_day
    }
    ordered = sorted(late.values(), key=_through)
    return tuple(
        Late(tuple(answer.metric for answer in group), None if through == date.min else through)
        for through, group in groupby(ordered, key=_through)
    )


def _health(lines: Iterable[SummaryLine]) -> tuple[HealthNote, ...]:
    notes = (note for line in lines for note in line.answer.health if note.scope in BESIDE_A_NUMBER)
    # Lines of the same table carry the same findings.
    return tuple(sorted(dict.fromkeys(notes), key=lambda note: not note.incomplete))


def _through(answer: Answer) -> date:
    return answer.freshness.data_through or date.min


def _missing(answer: Answer) -> Missing:
    return Missing(answer.metric, next(iter(answer.warnings), None), answer.freshness.data_through)


def _extremes(answer: Answer) -> Extremes:
    """Groups without a name or a value, what cost nothing, and the folded rest, stand at no end."""
    free = 0 if answer.metric.is_cost_of_one else None
    rows = [row for row in answer.breakdown or () if row.value not in {None, free}]
    rows = [row for row in rows if row.keys[0] is not None and not row.folded]
    worst_first = sorted(rows, key=lambda row: row.value or 0.0, reverse=answer.metric.direction == "lower")
    # At most half, so that no group stands at both ends.
    ends = min(3, len(rows) // 2)
    return Extremes(answer, tuple(reversed(worst_first[len(rows) - ends :])), tuple(worst_first[:ends]))


def _week_number(period: Period) -> int | None:
    """The ISO week that most of its days lie in."""
    return (period.start + timedelta(days=3)).isocalendar().week if period.grain == "week" else None


def sheet_address(settings: configured.Settings) -> str | None:
    """Where people open the first spreadsheet; None without one."""
    if not settings.sheets:
        return None
    return f"https://docs.google.com/spreadsheets/d/{settings.sheets[0].spreadsheet}"
