"""A period frozen: what every KPI was worth in it when somebody asked for that, in a tab that never changes again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kpi_core.answers import Answer, Change
from kpi_core.dates.periods import Period
from kpi_core.formats.periods import date_text, period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import STAGES, Metric, localized
from kpi_core.phrases import say
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Settings
from sheets_sync.tabs.cells import Cell, Number, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import change_cell, value_format, with_no_cost
from sheets_sync.tabs.tab import Column, Tab, filled

HEADER = 3
_BASES = (("previous", "change", "previous_period"), ("year_ago", "year_change", "year_ago"))


@frozen
class Freezing:
    """What is frozen: the answers of `frozen_queries` on the day `today`."""

    settings: Settings
    period: Period
    today: date
    kpis: tuple[Metric, ...]
    answers: Mapping[MetricQuery, Answer]
    left_out: tuple[Metric, ...] = ()


def frozen_queries(kpis: Sequence[Metric], period: Period) -> list[MetricQuery]:
    """The questions that a frozen period is made of."""
    return [MetricQuery(metric.id, period, trended=False) for metric in kpis]


def frozen_key(period: Period) -> str:
    """What tells one frozen period from another: its days."""
    return f"{period.start.isoformat()}/{period.end.isoformat()}"


def frozen_tab(freezing: Freezing) -> Tab:
    """Values alone: no formula, no chart, nothing that a later sync could mean to change."""
    language = freezing.settings.locale
    title = period_label(freezing.period, language, freezing.settings.calendar)
    columns = _columns(language)
    rows: list[list[Cell]] = [
        [Text(f"{freezing.settings.company} · {title}")],
        [Text(_line(freezing))],
        [],
        [Text(column.title) for column in columns],
    ]
    headings = []
    for stage in STAGES:
        members = [metric for metric in freezing.kpis if metric.stage == stage]
        if members:
            headings.append(len(rows))
            rows.append([Text(say(language, f"stage.{stage}"))])
        rows += [_row(freezing, metric) for metric in members]
    return Tab(
        block=f"frozen {frozen_key(freezing.period)}",
        title=say(language, "sheet.tab.frozen", period=title),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        headings=tuple(headings),
    )


def _columns(language: str) -> tuple[Column, ...]:
    keys = ("kpi", "value", *(key for value, change, _basis in _BASES for key in (value, change)), "formula")
    widths = {"kpi": 240, "formula": 420}
    return tuple(Column(key, say(language, f"sheet.column.{key}"), width=widths.get(key, 120)) for key in keys)


def _line(freezing: Freezing) -> str:
    language = freezing.settings.locale
    days = [answer.freshness.data_through for answer in freezing.answers.values() if answer.freshness.data_through]
    through = date_text(max(days), language) if days else say(language, "sheet.line.no_data")
    line = say(language, "sheet.line.frozen", day=date_text(freezing.today, language), through=through)
    return with_left_out(line, freezing.left_out, language)


def _row(freezing: Freezing, metric: Metric) -> list[Cell]:
    language, currency = freezing.settings.locale, freezing.settings.currency
    (query,) = frozen_queries([metric], freezing.period)
    answer = freezing.answers.get(query)
    changes = [_held_against(answer, basis) for _value, _change, basis in _BASES]
    values = [answer.value if answer else None, *(change.value for change in changes if change)]
    look = with_no_cost(value_format(metric, currency, language), metric, values, language)
    cells: list[Cell] = [Text(localized(metric.names, language)), Number(values[0], look)]
    for change in changes:
        ends = (change.current, change.value) if change else (None, None)
        cells += [Number(ends[1], look), change_cell(metric, ends, change.change_ratio if change else None, language)]
    definition = answer.definition if answer else None
    return [*cells, Text(f"{definition.formula} · {definition.version}" if definition else "")]


def _held_against(answer: Answer | None, basis: str) -> Change | None:
    return next((change for change in (answer.comparisons if answer else ()) if change.basis == basis), None)
