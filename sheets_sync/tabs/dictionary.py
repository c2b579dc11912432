"""The Dictionary: what each KPI means here, how it is computed, and how far its benchmark carries."""

from __future__ import annotations

from kpi_core.answering.layout import models_of
from kpi_core.formats.numbers import shown_unit
from kpi_core.metrics import Metric, localized
from kpi_core.phrases import say
from sheets_sync.tabs.cells import Cell, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Column, Tab, filled, width_of

HEADER = 2
_WIDTHS = {
    "kpi": 220,
    "id": 150,
    "meaning": 320,
    "formula": 280,
    "reading": 280,
    "unit": 80,
    "direction": 120,
    "cadence": 90,
    "owner": 100,
    "sources": 180,
    "caveats": 380,
    "benchmark": 220,
    "trust": 160,
}


def dictionary_tab(material: Material) -> Tab:
    """A row a KPI, in the order of `material.kpis`."""
    language = material.language
    texts = [_texts(material, metric) for metric in material.kpis]
    keys = [key for key in _WIDTHS if key == "kpi" or any(row[key] for row in texts)]
    widths = _WIDTHS | {"kpi": width_of((row["kpi"] for row in texts), 200, 320)}
    columns = tuple(Column(key, say(language, f"sheet.column.{key}"), width=widths[key], wraps=True) for key in keys)
    rows: list[list[Cell]] = [
        [Text(say(language, "sheet.tab.dictionary"))],
        [Text(with_left_out(say(language, "sheet.line.dictionary"), material.listed_left_out(), language))],
        [Text(column.title) for column in columns],
    ]
    rows += [[Text(row[key]) for key in keys] for row in texts]
    return Tab(
        "dictionary",
        say(language, "sheet.tab.dictionary"),
        columns,
        filled(rows, len(columns)),
        HEADER,
        keys=tuple(metric.id for metric in material.kpis),
    )


def _texts(material: Material, metric: Metric) -> dict[str, str]:
    language = material.language
    benchmark = metric.benchmarks[0] if metric.benchmarks else None
    owners = dict.fromkeys(material.owner(goal) for goal in material.goals if goal.kpi == metric.id and goal.owner)
    return {
        "kpi": metric.name(language),
        "id": metric.id,
        "meaning": metric.description.get(language) or metric.description.get("en", ""),
        "formula": metric.formula,
        "reading": localized(metric.reading, language),
        "unit": _unit(material, metric),
        "direction": say(language, f"direction.{metric.direction}"),
        "cadence": say(language, f"cadence.{metric.cadence}"),
        "owner": ", ".join(owners),
        "sources": ", ".join(models_of(metric, material.catalog)),
        "caveats": "\n".join(localized(trap, language) for trap in metric.traps),
        "benchmark": f"{localized(benchmark.text, language)} ({benchmark.source})" if benchmark else "",
        "trust": benchmark.trust if benchmark else "",
    }


def _unit(material: Material, metric: Metric) -> str:
    if metric.unit == "currency":
        return material.settings.currency
    if metric.unit == "duration" and metric.duration_unit:
        return say(material.language, f"sheet.unit.name_{metric.duration_unit}")
    return say(material.language, f"unit.{shown_unit(metric, material.language)}")
