"""What a tab says of the KPIs that its spreadsheet may not show: their names, and nothing of their values."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.metrics import Metric
from kpi_core.phrases import say

MOST_NAMES = 5


def few_names(metrics: Sequence[Metric], language: str) -> str:
    """The first few names, and how many more there are."""
    names = [metric.name(language) for metric in metrics[:MOST_NAMES]]
    more = len(metrics) - len(names)
    return ", ".join([*names, *([say(language, "catalogue.more", count=more)] if more else [])])


def with_left_out(line: str, metrics: Sequence[Metric], language: str) -> str:
    """A tab's line with the KPIs that are missing in it."""
    if not metrics:
        return line
    return say(language, "sheet.line.left_out", line=line, kpis=few_names(metrics, language))
