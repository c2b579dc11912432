"""Channels, campaigns, regions, devices: a row a value of the dimension, two columns a KPI, the total last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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

_Source = BreakdownRow | Answer | None
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
    lines = [[_source(answers.get(kpi.id), group) for kpi in kpis] for group in groups]
    rows += [_group_row(material, kpis, line, group) for line, group in zip(lines, groups, strict=True)]
    totals = [answers.get(kpi.id) for kpi in kpis]
    rows.append([Text(say(language, "sheet.group.total")), *_cells(material, kpis, totals)])
    return Tab(
        block=block,
        title=say(language, f"sheet.tab.{block}"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        headings=(len(rows) - 1,),
        keys=(*(_key(group) for group in groups), "total"),
        shades=_shades(kpis, [*lines, totals]),
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


def _key(group: _Group) -> str:
    """What a row is, whatever the language calls it."""
    value, rest = group
    if rest:
        return "rest"
    return "none" if value is None else f"={value}"


def _group_of(row: BreakdownRow) -> _Group:
    return ("", True) if row.folded else (row.keys[0], False)


def _source(answer: Answer | None, group: _Group) -> BreakdownRow | None:
    rows = answer.breakdown if answer else None
    return next((row for row in rows or () if _group_of(row) == group), None)


def _group_row(
    material: Material, kpis: Sequence[Metric], line: Sequence[BreakdownRow | None], group: _Group
) -> list[Cell]:
    # Each KPI ranks the groups by itself, so their rests fold different numbers of them.
    folded = max((row.folded for row in line if row), default=0)
    return [Text(_group_name(group, folded, material.language)), *_cells(material, kpis, line)]


def _cells(material: Material, kpis: Sequence[Metric], line: Sequence[_Source]) -> list[Cell]:
    pairs = zip(kpis, line, strict=True)
    return [cell for metric, source in pairs for cell in _pair(material, metric, source)]


def _group_name(group: _Group, folded: int, language: str) -> str:
    value, rest = group
    if rest:
        return say(language, "value.other", count=f"{folded:,}")
    return say(language, "value.none") if value is None else value


def _pair(material: Material, metric: Metric, source: _Source) -> tuple[Number, Number]:
    """The value and how it moved, of one group or of everything."""
    number_format = value_format(metric, material.settings.currency, material.language)
    if source is None:
        return Number(None, number_format), change_cell(metric, (None, None), None, material.language)
    change = change_of(source, "previous_period")
    ends = (change.current, change.value) if change else (None, None)
    return Number(source.value, number_format), change_cell(
        metric, ends, change.change_ratio if change else None, material.language
    )


def _shades(kpis: Sequence[Metric], lines: Sequence[Sequence[_Source]]) -> tuple[Shade, ...]:
    """Good and bad where a change is called so: one within the usual swing has no colour."""
    rises = _judged(lines, [kpi.direction == "higher" for kpi in kpis])
    falls = _judged(lines, [kpi.direction == "lower" for kpi in kpis])
    shades = []
    if rises:
        shades += [Shade(rises, "0", "good", "above"), Shade(rises, "0", "bad", "below")]
    if falls:
        shades += [Shade(falls, "0", "bad", "above"), Shade(falls, "0", "good", "below")]
    return tuple(shades)


def _judged(lines: Sequence[Sequence[_Source]], columns: Sequence[bool]) -> tuple[Area, ...]:
    """The cells of some KPIs' changes that are better or worse, each run of them as one area."""
    areas: list[Area] = []
    for index in (index for index, judged in enumerate(columns) if judged):
        for row, line in enumerate(lines, start=HEADER + 1):
            change = change_of(line[index], "previous_period")
            if change is None or change.verdict not in {"better", "worse"}:
                continue
            area = Area(row, 2 + 2 * index, row + 1, 3 + 2 * index)
            if areas and areas[-1].left == area.left and areas[-1].bottom == row:
                area = replace(areas.pop(), bottom=row + 1)
            areas.append(area)
    return tuple(areas)
