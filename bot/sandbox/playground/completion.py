"""What a question may go on with: the words of the workspace's own vocabulary, in the typist's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kpi_core.access.doorway import Door
from kpi_core.adding.first_number import first_number
from kpi_core.metrics import LANGUAGES

PERIODS = {
    "en": ("last month", "this month", "last week", "yesterday", "last 30 days", "last quarter", "year to date"),
    "ko": ("지난달", "이번 달", "지난주", "어제", "최근 30일", "지난 분기", "올해"),
    "zh-TW": ("上個月", "本月", "上週", "昨天", "最近30天", "上季", "今年"),
}


def completion_json(door: Door, now: datetime) -> dict[str, Any]:
    """By language: KPIs (those that can be computed first), periods, dimensions, a question that has a number."""
    first = first_number(door, now)
    kpis = door.catalog.kpis()
    without_data = door.unavailable_kpis()
    ordered = sorted(kpis, key=lambda kpi: kpi.id in without_data)
    vocabulary = door.vocabulary()
    names = vocabulary.dimension_names
    return {
        language: {
            "kpis": [
                {"id": kpi.id, "name": kpi.name(language), "ready": kpi.id not in without_data} for kpi in ordered
            ],
            "periods": list(PERIODS[language]),
            "dimensions": [
                {"id": dimension, "name": names[dimension].get(language) or names[dimension]["en"]}
                for dimension in names
            ],
            "first": None if first is None else {"kpi": first.kpi, "words": first.words(language)},
        }
        for language in LANGUAGES
    }
