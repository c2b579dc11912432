"""Answers as JSON: the keys that other programs rely on."""

from __future__ import annotations

import json

import pytest
from answer_examples import CAC_BY_CHANNEL, CAC_OCTOBER, CATALOG, EXAMPLES, NO_DATA, REVENUE_BY_CAMPAIGN, SPEND_OCTOBER

from kpi_core.formats.answer_json import answer_json, kpi_list_json
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import Notice

KEYS = (
    "question metric unit currency direction period value parts comparisons goal benchmark breakdown trend freshness "
    "warnings definition health reading"
)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_every_key(name: str, language: str) -> None:
    """Whatever was asked, the same keys stand in the same order, and all of it is JSON."""
    found = answer_json(EXAMPLES[name], language)
    assert " ".join(found) == KEYS
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert set(found["period"]) == {"start", "end", "label", "complete"}
    assert set(found["freshness"]) == {"data_through", "stale"}
    assert {"formula", "version"} <= set(found["definition"])


def test_numbers_keep_their_precision() -> None:
    """Values are what the engine computed, dates ISO, the label in the reader's language."""
    found = answer_json(CAC_OCTOBER, "ko")
    assert found["value"] == CAC_OCTOBER.value
    assert found["period"] == {"start": "2026-10-01", "end": "2026-11-01", "label": "2026년 10월", "complete": True}
    first = found["comparisons"][0]
    assert first["basis"] == "previous_period"
    assert first["change_ratio"] == CAC_OCTOBER.comparisons[0].change_ratio
    assert first["period"]["label"] == "2026년 9월"
    assert (found["goal"]["status"], found["goal"]["period"]["start"], found["goal"]["gap"]) == (
        "open",
        "2026-11-01",
        -1.8,
    )
    assert found["goal"]["asked"] == {"reached": False, "gap": 1.27}
    assert found["trend"][0] == {"start": "2025-10-01", "end": "2025-11-01", "value": 42.5, "complete": True}
    assert found["breakdown"] is None
    assert found["freshness"] == {"data_through": "2026-11-21", "stale": False}


def test_a_breakdown_is_keyed_by_its_dimension() -> None:
    """Rows carry the dimension's name; a missing value is null, a folded tail says how many it holds."""
    rows = answer_json(CAC_BY_CHANNEL, "en")["breakdown"]
    assert [row["channel"] for row in rows] == ["display", "social", "search", None, "affiliates"]
    assert set(rows[0]) == {"channel", "value", "parts", "comparisons"}
    folded = answer_json(REVENUE_BY_CAMPAIGN, "en")["breakdown"][-1]
    assert (folded["campaign"], folded["folded"]) == ("other", 45)


def test_no_data_is_null_with_a_warning() -> None:
    """A missing table gives null, never 0, and a sentence that names it."""
    found = answer_json(NO_DATA, "en")
    assert found["value"] is None
    assert found["freshness"]["data_through"] is None
    assert found["warnings"] == ["No data: the table orders is not loaded yet."]


def test_a_withheld_percentage_has_a_note() -> None:
    """A comparison that cannot be made says why."""
    assert answer_json(SPEND_OCTOBER, "en")["comparisons"][1]["note"] == "No data to compare with in October 2025."


def test_the_list_of_kpis() -> None:
    """Each plain KPI with its names in three languages and, where it cannot be computed, the reason."""
    found = kpi_list_json(CATALOG, {"ad_spend": Notice("warning.table_missing", {"table": "ad_performance"})})["kpis"]
    assert [each["id"] for each in found] == ["cac", "conversion_rate", "ad_spend", "sales_revenue"]
    assert " ".join(found[0]) == "id names type unit direction stage cadence available reason"
    assert (found[0]["available"], found[0]["reason"]) == (True, None)
    assert found[2]["reason"] == "No data: the table ad_performance is not loaded yet."
