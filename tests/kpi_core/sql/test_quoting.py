"""Names and texts stand in SQL whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from kpi_core.catalog.sql_binding import Tables
from kpi_core.metrics import Column
from kpi_core.sql.quoting import literal, quoted
from kpi_core.warehouse.scratch import ScratchWarehouse

from tables import CATALOG

STRANGE = ("a", "order", 'say "hi"', "it's", '"', "'", "; drop table facts --", "$b0", ":name", "매출 액", "")
OWN_MARKS = (""".replace('"', '""')""", """.replace("'", "''")""")
OTHER_LANGUAGES = ("sandbox",)
"""Rooms in which such marks are those of a spreadsheet's formulas."""


@pytest.mark.parametrize("text", STRANGE)
def test_a_database_reads_back_what_was_quoted(text: str) -> None:
    """Any text is a literal, any but the empty one a name."""
    name = text or "column"
    (read,) = duckdb.sql(f"SELECT {quoted(name)} FROM (SELECT {literal(text)} AS {quoted(name)})").fetchall()
    assert read == (text,)


def test_nobody_else_quotes_by_hand() -> None:
    """One place knows the marks."""
    root = Path(__file__).parents[3]
    code = [path for room in ("bot", "sheets_sync", "kpi_core") for path in (root / room).rglob("*.py")]
    by_hand = {
        path.name for path in code
        if not {*OTHER_LANGUAGES} & {*path.parts} and any(mark in path.read_text("utf-8") for mark in OWN_MARKS)
    }  # fmt: skip
    # Ranges of a spreadsheet double the same mark; they have one place, too.
    assert by_hand == {"quoting.py", "a1_notation.py"}


def test_a_column_may_be_called_by_any_text() -> None:
    """Definitions are tried on a table whose column has a quotation mark in its name."""
    orders = CATALOG.models["orders"]
    strange = 'device "new"'
    model = replace(orders, columns={**orders.columns, strange: Column(strange, "text")})
    catalog = replace(CATALOG, models={"orders": model})
    with ScratchWarehouse() as scratch:
        assert list(Tables(catalog, scratch).unbound(model)) == []
