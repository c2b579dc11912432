"""Notices, parts and dimensions in the reader's language."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from kpi_core.formats.periods import date_text, days_label
from kpi_core.locale.problem_words import in_words_of
from kpi_core.phrases import in_language, knows, say

if TYPE_CHECKING:
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.phrases import Notice, Param

_OF_GROUPS = frozenset({"shown", "total", "more"})
"""Counts that may be long; all our languages put a comma at each thousand."""
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def notice_text(notice: Notice, language: str, metric: Metric | None = None) -> str:
    """A notice in the reader's language: dates as people write them, parts of `metric`'s formula by their names.

    `start` and `end`, the first and last day of a run, may be said together as `{period}`; `other_start` and
    `other_end` as `{other_period}`.
    """
    params = {
        name: _readable(name, in_language(value, language), language, metric) for name, value in notice.params.items()
    }
    for which in ("", "other_"):
        start, end = notice.params.get(f"{which}start"), notice.params.get(f"{which}end")
        if isinstance(start, str) and isinstance(end, str):
            first, last = date.fromisoformat(start), date.fromisoformat(end)
            params[f"{which}period"] = days_label(first, last, language)
    return say(language, notice.key, **params)


def part_name(part: str, metric: Metric, language: str) -> str:
    """A name of the metric's formula in words; the name itself where the definition gives none."""
    definition = metric.inputs.get(part)
    names = definition.names if definition else {}
    return names.get(language) or names.get("en") or part.rpartition(".")[2].replace("_", " ")


def dimension_name(dimension: str, language: str, catalog: Catalog | None = None) -> str:
    """A dimension in words; `catalog` knows those that a team has added."""
    if catalog is not None and dimension in catalog.dimensions:
        return catalog.dimensions[dimension].name(language)
    key = f"dimension.{dimension}"
    return say(language, key) if knows(key) else dimension.replace("_", " ")


def _readable(name: str, value: Param, language: str, metric: Metric | None) -> Param:
    if not isinstance(value, str):
        return f"{value:,}" if name in _OF_GROUPS else value
    if name == "dimension":
        return ", ".join(dimension_name(dimension, language) for dimension in value.split(", "))
    if name == "feast":
        return say(language, f"feast.{value}")
    if name == "part" and metric is not None:
        return part_name(value, metric, language)
    if name == "reason":
        return in_words_of(language, value)
    return _day_text(value, language)


def _day_text(value: str, language: str) -> str:
    """A day in words; any other text, and a day that there is not, as it was typed."""
    try:
        return date_text(date.fromisoformat(value), language) if _ISO_DATE.fullmatch(value) else value
    except ValueError:
        return value
