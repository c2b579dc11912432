"""A tab that is people's below its header: figures that no system has, read back as a source at each load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kpi_core.phrases import say
from kpi_core.sources.inputs.kinds import COLUMNS, KINDS, TAB, kind_name
from sheets_sync.tabs.cells import EnteredValue, Text
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Column, Tab, filled

Refusal = tuple[int, str, bool]
"""Of a row that does not count: its place in the tab from 0, the column that does not fit, whether it is unclear."""
_WIDTHS = {"what": 160, "note": 240}


def inputs_tab(material: Material) -> Tab:
    """Title, one line of how-to, and the header; what stands below is never written."""
    language = material.language
    offered = tuple(kind_name(kind, language) for kinds in KINDS.values() for kind in kinds)
    columns = tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            say(language, f"sheet.about.input_{key}"),
            width=_WIDTHS.get(key, 110),
            people=True,
            choices=offered if key == "what" else (),
        )
        for key in COLUMNS
    )
    rows = [
        [Text(say(language, "sheet.tab.inputs"))],
        [Text(say(language, "sheet.line.inputs"))],
        [Text(column.title) for column in columns],
    ]
    return Tab(TAB, say(language, "sheet.tab.inputs"), columns, filled(rows, len(columns)), header=2)


def plain_rows(cells: Sequence[Sequence[EnteredValue]]) -> list[list[object]]:
    """What a load reads of the tab; a row with a formula, whose result only Google knows, as an empty one."""
    return [[] if any("formulaValue" in cell for cell in row) else [_plain(cell) for cell in row] for row in cells]


def _plain(cell: EnteredValue) -> object:
    return next(iter(cell.values()), None)


def with_refusals(tab: Tab, refusals: Iterable[Refusal], columns: Mapping[str, int], language: str) -> Tab:
    """The tab with a note at each figure that does not count; `columns` are those of the tab as read."""
    offered = ", ".join(kind_name(kind, language) for kinds in KINDS.values() for kind in kinds)
    notes = {
        (row, columns.get(column, columns["value"])): say(
            language, f"sheet.note.input_{'unclear' if is_open and column == 'date' else column}", words=offered
        )
        for row, column, is_open in refusals
    }
    return replace(tab, noted=notes)
