"""The Trends: days, weeks or months down, KPIs across, line charts of the headline KPIs above. The cohorts likewise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kpi_core.answers import Answer
from kpi_core.dates.periods import Grain, Period, trend_periods
from kpi_core.formats.periods import period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from sheets_sync.tabs.cells import DAY_FORMAT, MONTH_FORMAT, Cell, Day, Number, NumberFormat, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import value_format, with_no_cost, without_cents
from sheets_sync.tabs.queries import TRENDS, Material, cohort_kpis, course_query
from sheets_sync.tabs.tab import Area, Chart, Column, PastNumber, Tab, filled

_CHART_ROWS = 11
_ABOVE = 2
_CHART = 384
"""Pixels from one chart to the next: three fill a screen beside the first column."""
_FIRST = 90


@frozen
class _Course:
    """A KPI's values by the first day of each unit."""

    metric: Metric
    name: str
    about: str
    values: Mapping[date, float | None]
    answer: Answer | None


def trends_tab(material: Material, block: str) -> Tab:
    """The last units of every KPI that has any, the oldest first: 13 months or weeks, 28 days."""
    grain, language = TRENDS[block], material.language
    courses = [_course(material, metric, grain, material.label(metric)) for metric in material.kpis]
    units = _units(material, material.kpis, grain)
    period = period_label(units[-1], language) if units else ""
    line = say(language, f"sheet.line.{block}", period=period)
    head = (
        Text(say(language, f"sheet.tab.{block}")),
        Text(with_left_out(line, material.listed_left_out(), language)),
    )
    drawn = [metric.id for metric in material.headlines()]
    return _tab(material, block, grain, head, [course for course in courses if _is_known(course)], units, drawn)


def cohorts_tab(material: Material) -> Tab:
    """A row a month: how many customers came in it, and how many of them came back so many months later."""
    language = material.language
    kpis = material.cohorts()
    courses = [_course(material, metric, "month", metric.name(language)) for metric in kpis]
    missing = [metric for metric in cohort_kpis(material.catalog) if metric in material.left_out]
    head = (
        Text(say(language, "sheet.tab.cohorts")),
        Text(with_left_out(say(language, "sheet.line.cohorts"), missing, language)),
    )
    units = _units(material, kpis, "month")
    return _tab(material, "cohorts", "month", head, [course for course in courses if _is_known(course)], units, [])


def _course(material: Material, metric: Metric, grain: Grain, name: str) -> _Course:
    answer, language = material.course(metric, grain), material.language
    about = metric.description.get(language) or metric.description.get("en", "")
    values = {each.period.start: each.value for each in answer.trend} if answer else {}
    return _Course(metric, name, about, values, answer)


def _is_known(course: _Course) -> bool:
    return any(value is not None for value in course.values.values())


def _units(material: Material, kpis: Sequence[Metric], grain: Grain) -> Sequence[Period]:
    if not kpis:
        return ()
    query = course_query(kpis[0], grain, material.settings, material.today)
    return trend_periods(query.period, material.settings.calendar)


def _tab(  # noqa: PLR0913, PLR0917 - what a table of courses is made of
    material: Material,
    block: str,
    grain: Grain,
    above: tuple[Text, Text],
    courses: Sequence[_Course],
    units: Sequence[Period],
    drawn: Sequence[str],
) -> Tab:
    first = Column("month", say(material.language, f"sheet.column.{grain}"), width=_FIRST)
    columns = (first, *(Column(course.metric.id, course.name, course.about) for course in courses))
    room = _CHART_ROWS if any(course.metric.id in drawn for course in courses) else 0
    header = _ABOVE + room
    charts = _charts(courses, drawn, header, len(units))
    day = MONTH_FORMAT if grain == "month" else DAY_FORMAT
    formats = [_format(material, each) for each in courses]
    rows: list[list[Cell]] = [
        [above[0]],
        [above[1]],
        *([] for _ in range(room)),
        [Text(column.title) for column in columns],
    ]
    rows += [
        [
            Day(unit.start, day),
            *(Number(each.values.get(unit.start), look) for each, look in zip(courses, formats, strict=True)),
        ]
        for unit in units
    ]
    return Tab(
        block=block,
        title=above[0].text,
        columns=columns,
        rows=filled(rows, len(columns)),
        header=header,
        keys=tuple(unit.start.isoformat() for unit in units),
        past={
            (unit.start.isoformat(), each.metric.id): PastNumber(each.answer, unit)
            for each in courses
            for unit in units
            if each.answer
        },
        charts=charts,
        # Frozen, the charts would leave the table a few lines of a small screen.
        frozen=0 if room else None,
    )


def _format(material: Material, course: _Course) -> NumberFormat:
    language, values = material.language, course.values.values()
    number_format = value_format(course.metric, material.settings.currency, language)
    return with_no_cost(without_cents(number_format, values), course.metric, values, language)


def _charts(courses: Sequence[_Course], drawn: Sequence[str], header: int, units: int) -> tuple[Chart, ...]:
    columns = {course.metric.id: column for column, course in enumerate(courses, start=1)}
    shown = [kpi for kpi in drawn if kpi in columns]
    charts = []
    for index, kpi in enumerate(shown):
        column, course = columns[kpi], courses[columns[kpi] - 1]
        charts.append(
            Chart(
                key=f"line_{index}",
                kind="line",
                title=course.name,
                values=Area(header, column, header + 1 + units, column + 1),
                domain=Area(header, 0, header + 1 + units, 1),
                row=_ABOVE,
                # All hang on one cell and are set apart in pixels: the first column stays in place when one scrolls.
                column=1,
                x=index * _CHART,
                width=_CHART - 8,
                height=21 * _CHART_ROWS - 8,
                direction=course.metric.direction,
            )
        )
    return tuple(charts)
