"""A load whose values are spelled as those that are there, or are new, leaves the rows of earlier loads alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import pytest
from loading_side import CATALOG

from kpi_core.loading.spellings import Spellings
from kpi_core.loading.stored.spelling_list import SpellingList

COSTS = CATALOG.models["costs"]


def listed(connection: duckdb.DuckDBPyConnection, values: Sequence[str]) -> None:
    """After a load of channels with these values."""
    connection.execute("CREATE TABLE kpi_loads AS SELECT TIMESTAMP '2026-11-01 09:00' AS loaded_at")
    spellings = Spellings(connection, [COSTS])
    spellings.add("channel", [(value, 1) for value in values])
    spellings.settle()
    first = SpellingList(connection, {"books": COSTS})
    assert not first.changes_nothing()
    first.write()
    first.close()


def changes_nothing(connection: duckdb.DuckDBPyConnection, column: str, values: Sequence[str]) -> bool:
    spellings = Spellings(connection, [COSTS])
    spellings.add(column, [(value, 1) for value in values])
    return SpellingList(connection, {"books": COSTS}).changes_nothing()


@pytest.mark.parametrize(
    ("column", "values", "is_left_alone"),
    [
        ("channel", [], True),
        ("channel", ["search", "Google Ads"], True),
        ("channel", ["search", "kiosk", "it's new"], True),
        ("channel", ["Search"], False),
        ("channel", ["google  ads"], False),
        ("channel", ["kiosk "], False),
        ("channel", ["kiosk", "Kiosk"], False),
        ("category", ["salaries", "rent"], True),
        ("category", ["급여"], False),
    ],
)
def test_what_a_load_brings(column: str, values: list[str], is_left_alone: bool) -> None:
    """A spelling of a value, one with spaces around it, two of a new one, or a word in other words: all are counted."""
    with duckdb.connect() as connection:
        listed(connection, ["search", "Google Ads"])
        assert changes_nothing(connection, column, values) is is_left_alone


def test_a_new_value_is_known_to_the_next_load() -> None:
    """What came new once is a value like others: its spellings are looked at more closely."""
    with duckdb.connect() as connection:
        listed(connection, ["search"])
        assert changes_nothing(connection, "channel", ["kiosk"])
        assert not changes_nothing(connection, "channel", ["KIOSK"])


def test_what_makes_the_list_void() -> None:
    """Other definitions, and a load that kept no list: whatever is there may be spelled otherwise."""
    with duckdb.connect() as connection:
        listed(connection, ["search"])
        other = replace(COSTS, columns={**COSTS.columns, "channel": replace(COSTS.columns["channel"], words={"a": ()})})
        assert not SpellingList(connection, {"books": other}).changes_nothing()
        connection.execute("UPDATE kpi_loads SET loaded_at = TIMESTAMP '2026-11-02 09:00'")
        assert not changes_nothing(connection, "channel", ["search"])
