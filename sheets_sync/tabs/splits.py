"""Channels, campaigns, regions, devices: a row a value of the dimension, two columns a KPI, the total last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kpi_core.answers import Answer, BreakdownRow
from kpi_core.dates.periods import previous
from kpi_core.formats.periods import period_label
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Direction, Metric
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Cell, Number, NumberFormat, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.number_formats import change_cell, value_format, with_no_cost, without_cents
from sheets_sync.tabs.overview import change_of
from sheets_sync.tabs.queries import MOST_ROWS, Material, split_kpis
from sheets_sync.tabs.tab import SPLITS, Area, Column, Shade, Tab, filled, width_of

HEADER = 2

_CREDITED = {"channels", "campaigns"}
"""Tabs of what numbers are credited to; in the others a row without a value is merely of an unknown one."""

_Source = BreakdownRow | Answer | None
_Group = tuple[str | None, bool]
"""A value of the dimension, and whether it stands for the folded rest."""


@frozen
class _Pair:
    """The column of a KPI, and beside it that of its change where anything can be compared."""

    metric: Metric
    format: NumberFormat
    moves: bool


def split_tab(material: Material, block: str) -> Tab:
    """KPIs of `material` that the tab's dimension can split; groups in the order in which the KPIs rank them."""
    language, dimension = material.language, SPLITS[block]
    kpis = split_kpis(material.kpis, material.catalog, dimension)
    answers = {kpi.id: answer for kpi in kpis if (answer := material.split(kpi, dimension)) and _is_known(answer)}
    kpis = tuple(kpi for kpi in kpis if kpi.id in answers)
    groups = _groups(list(answers.values()))
    lines: list[list[_Source]] = [[_source(answers[kpi.id], group) for kpi in kpis] for group in groups]
    totals: list[_Source] = [answers[kpi.id] for kpi in kpis]
    every = [*lines, totals]
    pairs = [
        _Pair(kpi, _format(material, kpi, answers[kpi.id]), any(_moved(line[index]) for line in every))
        for index, kpi in enumerate(kpis)
    ]
    # Each KPI ranks the groups by itself, so their rests fold different numbers of them.
    folded = [max((row.folded for row in line if isinstance(row, BreakdownRow)), default=0) for line in lines]
    names = [_group_name(group, count, block, language) for group, count in zip(groups, folded, strict=True)]
    names.append(say(language, "sheet.group.total"))
    columns = (
        _name_column(material, dimension, names),
        *(column for pair in pairs for column in _columns(material, pair)),
    )
    rows: list[list[Cell]] = [
        [Text(say(language, f"sheet.tab.{block}"))],
        [Text(_line(material, dimension, folds=any(rest for _value, rest in groups)))],
        [Text(column.title) for column in columns],
    ]
    rows += [[Text(name), *_cells(material, pairs, line)] for name, line in zip(names, every, strict=True)]
    return Tab(
        block=block,
        title=say(language, f"sheet.tab.{block}"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        headings=(len(rows) - 1,),
        keys=(*(_key(group) for group in groups), "total"),
        shades=_shades(pairs, every),
    )


def _is_known(answer: Answer) -> bool:
    return answer.value is not None or any(row.value is not None for row in answer.breakdown or ())


def _moved(source: _Source) -> bool:
    change = change_of(source, "previous_period")
    return change is not None and (change.change is not None or change.change_ratio is not None)


def _format(material: Material, metric: Metric, answer: Answer) -> NumberFormat:
    """One for the whole column."""
    number_format = value_format(metric, material.settings.currency, material.language)
    values = [answer.value, *(row.value for row in answer.breakdown or ())]
    return with_no_cost(without_cents(number_format, values), metric, values, material.language)


def _name_column(material: Material, dimension: str, names: Sequence[str]) -> Column:
    definition = material.catalog.dimensions.get(dimension)
    title = definition.name(material.language) if definition else dimension
    return Column(dimension, title[:1].upper() + title[1:], width=width_of(names, 160, 320))


def _columns(material: Material, pair: _Pair) -> tuple[Column, ...]:
    language, metric = material.language, pair.metric
    name, about = material.label(metric), metric.description.get(language) or metric.description.get("en", "")
    value = Column(metric.id, name, about, width=100)
    if not pair.moves:
        return (value,)
    title = say(language, "sheet.column.change_of", kpi=name)
    return value, Column(f"{metric.id}_change", title, say(language, "sheet.about.change"), width=100)


def _line(material: Material, dimension: str, *, folds: bool) -> str:
    before = previous(material.period, material.settings.calendar)
    language = material.language
    line = say(
        language,
        "sheet.line.split",
        period=period_label(material.period, language),
        previous=period_label(before, language),
    )
    if folds:
        line = say(language, "sheet.line.folded", line=line, most=MOST_ROWS)
    return with_left_out(line, split_kpis(material.listed_left_out(), material.catalog, dimension), language)


def _groups(answers: Sequence[Answer]) -> list[_Group]:
    """Every value that any KPI has, as first met; the folded rest and what has no value at the end."""
    # A dict, for its keys stay in the order in which they came.
    met = dict.fromkeys(_group_of(row) for answer in answers for row in answer.breakdown or ())
    return sorted(met, key=lambda group: (group[0] is None, group[1]))


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


def _cells(material: Material, pairs: Sequence[_Pair], line: Sequence[_Source]) -> list[Cell]:
    return [cell for pair, source in zip(pairs, line, strict=True) for cell in _both(material, pair, source)]


def _group_name(group: _Group, folded: int, block: str, language: str) -> str:
    value, rest = group
    if rest:
        return say(language, "value.other", count=f"{folded:,}")
    if value is None:
        return say(language, "sheet.group.unattributed" if block in _CREDITED else "sheet.group.unknown")
    return value


def _both(material: Material, pair: _Pair, source: _Source) -> Iterator[Number]:
    """The value and how it moved, of one group or of everything."""
    yield Number(source.value if source else None, pair.format)
    if pair.moves:
        change = change_of(source, "previous_period")
        ends = (change.current, change.value) if change else (None, None)
        yield change_cell(pair.metric, ends, change.change_ratio if change else None, material.language)


def _shades(pairs: Sequence[_Pair], lines: Sequence[Sequence[_Source]]) -> tuple[Shade, ...]:
    """Good and bad where a change is called so: one within the usual swing has no colour."""
    rises = _judged(lines, pairs, "higher")
    falls = _judged(lines, pairs, "lower")
    shades = []
    if rises:
        shades += [Shade(rises, "0", "good", "above"), Shade(rises, "0", "bad", "below")]
    if falls:
        shades += [Shade(falls, "0", "bad", "above"), Shade(falls, "0", "good", "below")]
    return tuple(shades)


def _judged(lines: Sequence[Sequence[_Source]], pairs: Sequence[_Pair], direction: Direction) -> tuple[Area, ...]:
    """The cells of some KPIs' changes that are better or worse, each run of them as one area."""
    areas: list[Area] = []
    column = 0
    for index, pair in enumerate(pairs):
        column += 2 if pair.moves else 1
        if not pair.moves or pair.metric.direction != direction:
            continue
        for row, line in enumerate(lines, start=HEADER + 1):
            change = change_of(line[index], "previous_period")
            if change is None or change.verdict not in {"better", "worse"}:
                continue
            area = Area(row, column, row + 1, column + 1)
            if areas and areas[-1].left == area.left and areas[-1].bottom == row:
                area = replace(areas.pop(), bottom=row + 1)
            areas.append(area)
    return tuple(areas)
