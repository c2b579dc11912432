"""From which day on a KPI's numbers may be held against each other."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.answering.layout import leaves
from kpi_core.answering.verdicts.history import history_since
from kpi_core.warehouse.coverage import Coverage

from tables import CATALOG

FIRST = date(2025, 3, 15)


@pytest.mark.parametrize(
    ("kpi", "since"),
    [
        ("sales_revenue", date(2025, 3, 15)),
        # Who is new is known once who has ordered before is.
        ("new_customers", date(2025, 5, 14)),
        # A lifetime by the orders of twelve months needs them.
        ("ltv", date(2026, 3, 15)),
        ("ltv_cac", date(2026, 3, 15)),
    ],
)
def test_a_number_is_compared_once_it_has_the_history_that_it_looks_back_on(kpi: str, since: date) -> None:
    """A table that begins in March tells revenue at once, new customers two months later, a lifetime after a year."""
    parts = leaves(CATALOG.metrics[kpi], CATALOG)
    tables = {leaf.model: Coverage(leaf.model, leaf.model, FIRST, date(2026, 11, 1)) for leaf in parts}
    assert history_since(parts, CATALOG, tables) == since
    empty = {name: Coverage(name, name) for name in tables}
    assert history_since(parts, CATALOG, empty) is None
