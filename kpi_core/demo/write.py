"""The demo company as files: one Parquet file a model, for DuckDB and everything else that reads Parquet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kpi_core.demo.business.ads import LATE_BILL
from kpi_core.demo.business.purchases import CART_DAYS
from kpi_core.demo.business.traffic import LONGEST_JOURNEY
from kpi_core.demo.company import NAME
from kpi_core.demo.generate import TABLES, generate
from kpi_core.demo.planted_facts import Fact, planted_facts
from kpi_core.demo.seasons import day_number, midnight
from kpi_core.frozen_dataclass import frozen
from kpi_core.sql.quoting import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    import duckdb

    from kpi_core.demo.generated_table import Column, Table

    Progress = Callable[[str, int, int], None]


@frozen
class DemoCompany:
    """What was written: a Parquet file a model in `folder`, `rows` of each, and the planted facts by id."""

    name: str
    folder: Path
    today: date
    rows: Mapping[str, int]
    facts: Mapping[str, Fact]

    def file(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


def write_demo(
    folder: Path, today: date, seed: int = 7, progress: Progress | None = None, since: date | None = None
) -> DemoCompany:
    """Write the company as it stands on the morning of `today` (its own local date): from its first day to yesterday.

    The same day and seed give the same values on any machine. A later `today` adds days; earlier ones stay as they are.
    With `since`, what a company of that morning lacks: whole days of the large tables, small ones as a whole.
    `progress` is told each table's name when it is written, its number from 1, and how many there are.
    """
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        for number, (name, table) in enumerate(generate(today, seed, _sessions_since(since)), 1):
            rows[name] = _write(connection, _lately(name, table, since), folder / f"{name}.parquet")
            if progress:
                progress(name, number, len(TABLES))
    return DemoCompany(NAME, folder, today, rows, planted_facts(today))


_REACHES_BACK: Mapping[str, int] = {
    # Visits of people whose name is known only now.
    "touchpoints": LONGEST_JOURNEY,
    "carts": CART_DAYS,
}
"""Days before the new ones of which a table may get further rows, or a row another value."""
_LATELY = 8
"""A week and a day, so that what comes once a week is among it."""
_AS_A_WHOLE = frozenset({"leads", "subscriptions", "subscription_changes", "budgets", "costs"})
"""Small tables, whose old rows may change: a lead is won, a subscription ends."""


def _sessions_since(since: date | None) -> date | None:
    """Nearly all rows are visits: those that nobody needs are not made."""
    return None if since is None else since - timedelta(days=_LATELY)


def _lately(name: str, table: Table, since: date | None) -> Table:
    """The rows of a table from some days before `since` on."""
    if since is None or name in _AS_A_WHOLE:
        return table
    first = since - timedelta(days=max(_LATELY, _REACHES_BACK.get(name, 0)))
    time = next(column for column in table.values() if column.kind in {"day", "instant"})
    new = time.values >= (day_number(first) if time.kind == "day" else midnight(first))
    return {name: replace(column, values=column.values[new]) for name, column in table.items()}


def write_costs_before(bill: Fact, costs: Path, into: Path) -> None:
    """Write the rows of a file of costs without the line of the late bill."""
    import duckdb

    line = f"date = DATE '{bill.start}' AND category = {literal(LATE_BILL.category)} AND amount = {LATE_BILL.amount}"
    rows = f"SELECT * FROM {literal(str(costs))} WHERE NOT ({line})"  # noqa: S608 - own names
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO {literal(str(into))} (FORMAT parquet)")


def _write(connection: duckdb.DuckDBPyConnection, table: Table, file: Path) -> int:
    connection.register("arrays", {name: column.values for name, column in table.items()})
    columns = ", ".join(f"{_value(name, column)} AS {quoted(name)}" for name, column in table.items())
    connection.execute(f"COPY (SELECT {columns} FROM arrays) TO {literal(str(file))} (FORMAT parquet)")  # noqa: S608 - own names
    connection.unregister("arrays")
    return len(next(iter(table.values())).values)


def _value(name: str, column: Column) -> str:
    """SQL that turns the array's whole numbers into the column's type; -1 becomes NULL."""
    array = quoted(name)
    number = f"nullif({array}, -1)"
    if column.kind == "text":
        # DuckDB counts from 1, so an empty value's -1 asks for place 0, and that is NULL.
        return f"([{', '.join(literal(word) for word in column.words)}]::VARCHAR[])[{array} + 1]"
    if column.kind == "identity":
        return f"{literal(column.words[0])} || {number}::VARCHAR"
    if column.kind == "instant":
        return f"make_timestamp({number} * 1000000)"
    return {
        "day": f"DATE '1970-01-01' + {number}::INTEGER",
        "hundredths": f"({number} / 100)::DECIMAL(17, 6)",
        "whole": number,
        "flag": array,
    }[column.kind]
