"""A tab that is people's below its header: figures that no system has, read back as a source at each load."""

from __future__ import annotations

from kpi_core.phrases import say
from kpi_core.sources.inputs.kinds import COLUMNS, KINDS, TAB, kind_name
from sheets_sync.tabs.cells import Text
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Column, Tab, filled

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
