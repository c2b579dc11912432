"""The trend of an answer as Slack's line chart, with the goal as its second line."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from bot.cards.blocks import LABEL, TITLE, cut
from kpi_core.formats.numbers import shown_unit
from kpi_core.formats.periods import axis_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.cards.card import Block
    from kpi_core.answers import Answer, GoalState, TrendPoint
    from kpi_core.dates.periods import Days, Period
    from kpi_core.health.breaks import Break

MOST_POINTS = 20
DECIMALS = 4
BREAK_MARK = "¦"


def trend_chart(answer: Answer, language: str) -> Block | None:
    """The newest run of points without a gap; None where there are not two points to draw a line through.

    Slack's chart has no gaps: a missing month would read as 0, or vanish from the axis.
    """
    points = newest_run(answer.trend)[-MOST_POINTS:]
    if len(points) < 2:
        return None
    labels = [cut(_marked(point, answer, language), LABEL) for point in points]
    # A point is known by its label; two alike would be drawn as one.
    if len(set(labels)) < len(labels):
        return None
    scale = 100 if shown_unit(answer.metric, language) == "percent" else 1
    name = cut(_short_name(answer, language), LABEL)
    series = [_series(name, labels, [point.value for point in points], scale)]
    if answer.goal is not None and _is_meant_for(answer.goal, points) and not answer.query.dimensions:
        series.append(_series(say(language, "goal.series"), labels, [answer.goal.target] * len(points), scale))
    title = chart_title(answer, labels, language, complete=points[-1].complete)
    # An empty label is refused, a missing one is not.
    axis: dict[str, Any] = {"categories": labels, "y_label": _unit(answer, language)}
    chart = {
        "type": "line",
        "series": series,
        "axis_config": {key: setting for key, setting in axis.items() if setting},
    }
    return {"type": "data_visualization", "title": title, "chart": chart}


def _is_meant_for(goal: GoalState, points: Sequence[TrendPoint]) -> bool:
    """Whether each point of a course may be held against the target: that of a month's sum is none of its weeks'."""
    return goal.asked is not None and (not goal.per or all(point.period.grain == goal.per for point in points))


def _marked(point: TrendPoint, answer: Answer, language: str) -> str:
    """The name of a point, with a mark where the course goes on as another measure."""
    label = axis_label(point.period, language)
    days = point.period.start, point.period.end
    return f"{BREAK_MARK} {label}" if starts_anew(answer.breaks, days, answer.trend) else label


def starts_anew(breaks: Sequence[Break], days: Days, trend: Sequence[TrendPoint]) -> bool:
    """Whether a break falls on these days, those at the very start of the course aside."""
    return any(days[0] <= each.since < days[1] and trend[0].period.start < each.since for each in breaks)


def series_chart(
    periods: Sequence[Period], lines: Mapping[str, Sequence[float]], answer: Answer, language: str
) -> Block | None:
    """Lines over the same days, in the KPI's unit; None where two days have one label."""
    labels = [cut(axis_label(period, language), LABEL) for period in periods]
    if len(set(labels)) < len(labels):
        return None
    scale = 100 if shown_unit(answer.metric, language) == "percent" else 1
    series = [_series(cut(name, LABEL), labels, list(values), scale) for name, values in lines.items()]
    axis: dict[str, Any] = {"categories": labels, "y_label": _unit(answer, language)}
    chart = {
        "type": "line",
        "series": series,
        "axis_config": {key: setting for key, setting in axis.items() if setting},
    }
    title = say(language, "card.trend_title", first=labels[0], last=labels[-1])
    return {"type": "data_visualization", "title": cut(title, TITLE), "chart": chart}


def chart_title(answer: Answer, labels: list[str], language: str, *, complete: bool) -> str:
    """The KPI and the ends of its course, within Slack's limit: a long name is short."""
    span = say(language, "card.trend_title", first=labels[0], last=labels[-1])
    if not complete:
        span = say(language, "card.so_far", period=span)
    title = say(language, "card.title", name=answer.metric.name(language), period=span)
    if len(title) > TITLE:
        title = say(language, "card.title", name=_short_name(answer, language), period=span)
    return cut(title, TITLE)


def newest_run(trend: tuple[TrendPoint, ...]) -> list[TrendPoint]:
    """The newest points without a gap between them."""
    points = list(trend)
    while points and points[-1].value is None:
        points.pop()
    return list(takewhile(lambda point: point.value is not None, reversed(points)))[::-1]


def _series(name: str, labels: list[str], values: list[Any], scale: int) -> dict[str, Any]:
    data = [
        {"label": label, "value": round(value * scale, DECIMALS)} for label, value in zip(labels, values, strict=True)
    ]
    return {"name": name, "data": data}


def _short_name(answer: Answer, language: str) -> str:
    """The KPI's name where it fits under a chart, else its short id."""
    name = answer.metric.name(language)
    return name if len(name) <= LABEL else answer.metric.id.partition("@")[0].replace("_", " ").upper()


def _unit(answer: Answer, language: str) -> str:
    match shown_unit(answer.metric, language):
        case "currency":
            return answer.currency
        case "percent":
            return "%"
        case _:
            return ""
