"""Channels, campaigns, regions, devices: a row a value of the dimension, two columns a KPI, the total last."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.answers import Answer, BreakdownRow
from kpi_core.dates.periods import previous
from kpi_core.formats.periods import period_label
from kpi_core.metrics import Metric
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Cell, Number, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import change_cell, value_format
from sheets_sync.tabs.overview import change_of
from sheets_sync.tabs.queries import MOST_ROWS, Material, split_kpis
from sheets_sync.tabs.tab import SPLITS, Area, Column, Shade, Tab, filled

HEADER = 2

_Group = tuple[str | None, bool]
"""A value of the dimension, and whether it stands for the folded rest."""


def split_tab(material: Material, block: str) -> Tab:
    """KPIs of `material` that the tab's dimension can split; groups in the order in which the KPIs rank them."""
    language, dimension = material.language, SPLITS[block]
    kpis = split_kpis(material.kpis, material.catalog, dimension)
    columns = (_name_column(material, dimension), *(column for kpi in kpis for column in _columns(material, kpi)))
    answers = {kpi.id: answer for kpi in kpis if (answer := material.split(kpi, dimension))}
    groups = _groups(list(answers.values()))
    rows: list[list[Cell]] = [
        [Text(say(language, f"sheet.tab.{block}"))],
        [Text(_line(material, dimension))],
        [Text(column.title) for column in columns],
    ]
    rows += [_group_row(material, kpis, answers, group) for group in groups]
    rows.append(_total_row(material, kpis, answers))
    return Tab(
        block=block,
        title=say(language, f"sheet.tab.{block}"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        headings=(len(rows) - 1,),
        shades=_shades(kpis),
    )


def _name_column(material: Material, dimension: str) -> Column:
    definition = material.catalog.dimensions.get(dimension)
    return Column(dimension, definition.name(material.language) if definition else dimension, width=180)


def _columns(material: Material, metric: Metric) -> tuple[Column, Column]:
    language, name = material.language, material.label(metric)
    about = metric.description.get(language) or metric.description.get("en", "")
    change = Column(
        f"{metric.id}_change",
        say(language, "sheet.column.change_of", kpi=name),
        say(language, "sheet.about.change"),
    )
    return Column(metric.id, name, about), change


def _line(material: Material, dimension: str) -> str:
    before = previous(material.period, material.settings.calendar)
    language = material.language
    line = say(
        language,
        "sheet.line.split",
        period=period_label(material.period, language),
        previous=period_label(before, language),
        most=MOST_ROWS,
    )
    return with_left_out(line, split_kpis(material.listed_left_out(), material.catalog, dimension), language)


def _groups(answers: Sequence[Answer]) -> list[_Group]:
    """Every value that any KPI has, as first met; rows without a value and the folded rest at the end."""
    # A dict, for its keys stay in the order in which they came.
    met = dict.fromkeys(_group_of(row) for answer in answers for row in answer.breakdown or ())
    return sorted(met, key=lambda group: (group[1], group[0] is None))


def _group_of(row: BreakdownRow) -> _Group:
    return ("", True) if row.folded else (row.keys[0], False)


def _group_row(material: Material, kpis: Sequence[Metric], answers: dict[str, Answer], group: _Group) -> list[Cell]:
    cells: list[Cell] = []
    folded = 0
    for metric in kpis:
        breakdown = answers[metric.id].breakdown if metric.id in answers else None
        row = next((row for row in breakdown or () if _group_of(row) == group), None)
        # Each KPI ranks the groups by itself, so their rests fold different numbers of them.
        folded = max(folded, row.folded if row else 0)
        cells += _pair(material, metric, row)
    return [Text(_group_name(group, folded, material.language)), *cells]


def _group_name(group: _Group, folded: int, language: str) -> str:
    value, rest = group
    if rest:
        return say(language, "value.other", count=folded)
    return say(language, "value.none") if value is None else value


def _total_row(material: Material, kpis: Sequence[Metric], answers: dict[str, Answer]) -> list[Cell]:
    cells = [cell for metric in kpis for cell in _pair(material, metric, answers.get(metric.id))]
    return [Text(say(material.language, "sheet.group.total")), *cells]


def _pair(material: Material, metric: Metric, source: BreakdownRow | Answer | None) -> tuple[Number, Number]:
    """The value and how it moved, of one group or of everything."""
    number_format = value_format(metric, material.settings.currency, material.language)
    if source is None:
        return Number(None, number_format), change_cell(metric, None, None, material.language)
    change = change_of(source, "previous_period")
    moved = (change.change, change.change_ratio) if change else (None, None)
    return Number(source.value, number_format), change_cell(metric, *moved, material.language)


def _shades(kpis: Sequence[Metric]) -> tuple[Shade, ...]:
    """Good and bad by the direction of each KPI; none for a KPI that has neither."""
    rises = [_change_area(index) for index, kpi in enumerate(kpis) if kpi.direction == "higher"]
    falls = [_change_area(index) for index, kpi in enumerate(kpis) if kpi.direction == "lower"]
    shades = []
    if rises:
        shades += [Shade(tuple(rises), "0", "good", "above"), Shade(tuple(rises), "0", "bad", "below")]
    if falls:
        shades += [Shade(tuple(falls), "0", "bad", "above"), Shade(tuple(falls), "0", "good", "below")]
    return tuple(shades)


def _change_area(index: int) -> Area:
    return Area(HEADER + 1, 2 + 2 * index, None, 3 + 2 * index)
