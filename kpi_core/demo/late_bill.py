"""What the books of the demo company held until its late bill was entered."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from kpi_core.demo.business.ads import LATE_BILL
from kpi_core.demo.planted_facts import Fact, planted_facts
from kpi_core.sql.quoting import literal

_NEWS_FOR = timedelta(days=7)
"""So long after a bill has been entered the product tells of it: as long as of any row that changes a closed month."""


def fresh_bill(today: date) -> Fact | None:
    """The late bill that has been entered by the morning of `today`, in the last week."""
    bill = planted_facts(today).get("late_bill")
    return bill if bill is not None and today - bill.end <= _NEWS_FOR else None


def write_costs_before(bill: Fact, costs: Path, into: Path) -> None:
    """Write the rows of a file of costs without the line of the bill."""
    import duckdb

    line = f"date = DATE '{bill.start}' AND category = {literal(LATE_BILL.category)} AND amount = {LATE_BILL.amount}"
    rows = f"SELECT * FROM {literal(str(costs))} WHERE NOT ({line})"  # noqa: S608 - own names
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO {literal(str(into))} (FORMAT parquet)")
