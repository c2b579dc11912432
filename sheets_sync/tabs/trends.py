"""The Trends: months down, KPIs across, a line chart beside for each headline KPI."""

from __future__ import annotations

from datetime import date

from kpi_core.dates.periods import Period, trend_periods
from kpi_core.formats.periods import period_label
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from sheets_sync.tabs.cells import MONTH_FORMAT, Cell, Day, Number, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import value_format
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Area, Chart, Column, Tab, filled

HEADER = 2
_CHART_ROWS = 12
"""Rows from one chart to the next."""


def trends_tab(material: Material) -> Tab:
    """The last 13 complete months of every KPI, the oldest first."""
    language = material.language
    months = trend_periods(material.period, material.settings.calendar)
    first = Column("month", say(language, "sheet.column.month"), width=90)
    columns = (first, *(Column(kpi.id, material.label(kpi), _about(kpi, language)) for kpi in material.kpis))
    line = say(language, "sheet.line.trends", period=period_label(material.period, language))
    rows: list[list[Cell]] = [
        [Text(say(language, "sheet.tab.trends"))],
        [Text(with_left_out(line, material.listed_left_out(), language))],
        [Text(column.title) for column in columns],
    ]
    series = {kpi.id: _by_month(material, kpi) for kpi in material.kpis}
    rows += [
        [Day(month.start, MONTH_FORMAT), *(_cell(material, kpi, series[kpi.id], month) for kpi in material.kpis)]
        for month in months
    ]
    return Tab(
        block="trends",
        title=say(language, "sheet.tab.trends"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        keys=tuple(month.start.isoformat() for month in months),
        charts=_charts(material, len(months), len(columns)),
    )


def _about(metric: Metric, language: str) -> str:
    return metric.description.get(language) or metric.description.get("en", "")


def _by_month(material: Material, metric: Metric) -> dict[date, float | None]:
    """Values of the KPI's trend by the first day of each month."""
    answer = material.month(metric)
    return {point.period.start: point.value for point in answer.trend} if answer else {}


def _cell(material: Material, metric: Metric, values: dict[date, float | None], month: Period) -> Number:
    number_format = value_format(metric, material.settings.currency, material.language)
    return Number(values.get(month.start), number_format)


def _charts(material: Material, months: int, width: int) -> tuple[Chart, ...]:
    ids = [metric.id for metric in material.kpis]
    charts = []
    for index, metric in enumerate(material.headlines()):
        column = ids.index(metric.id) + 1
        charts.append(
            Chart(
                key=f"line_{index}",
                kind="line",
                title=material.label(metric),
                values=Area(HEADER, column, HEADER + 1 + months, column + 1),
                domain=Area(HEADER, 0, HEADER + 1 + months, 1),
                row=HEADER + 1 + index * _CHART_ROWS,  # below the frozen header, which would hold it in place
                column=width + 1,
                direction=metric.direction,
            )
        )
    return tuple(charts)
