# ruff: noqa: S608  (SQL is put together from quoted names and literals)
"""The tables of the data's health, open for a load in DuckDB or in Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import OF_PAIRS, Finding
from kpi_core.sql.quoting import literal
from kpi_core.warehouse.health_tables import SCHEMA


@frozen
class FactTables:
    """Where facts are written: a warehouse that is open for a load."""

    run: Callable[[str], list[Any]]
    """The rows of a statement."""
    at: Callable[[str], str]
    """A table in SQL."""
    dialect: str

    def prepare(self) -> None:
        """Make the tables, where they are not there yet."""
        for name, columns in SCHEMA.items():
            self.run(f"CREATE TABLE IF NOT EXISTS {self.at(name)} ({columns})")
        # A snapshot may come from the time before it was written down.
        self.run(f"ALTER TABLE {self.at('kpi_sources')} ADD COLUMN IF NOT EXISTS quiet_days INTEGER")

    def insert(self, table: str, *lines: Iterable[object]) -> None:
        """Add lines to a table."""
        if lines:
            values = ", ".join(f"({', '.join(map(_written, line))})" for line in lines)
            self.run(f"INSERT INTO {self.at(table)} VALUES {values}")

    def forget(self, source: str, *, findings_of: Iterable[str] = ()) -> None:
        """Remove what is known of a source by itself, or only its findings of some codes."""
        codes = ", ".join(map(literal, findings_of))
        of_pairs = ", ".join(map(literal, sorted(OF_PAIRS)))
        for table in ("kpi_findings",) if codes else SCHEMA:
            condition = f"source = {literal(source)}" + (f" AND code IN ({codes})" if codes else "")
            if table == "kpi_findings":
                condition += f" AND code NOT IN ({of_pairs})"
            self.run(f"DELETE FROM {self.at(table)} WHERE {condition}")


def finding_line(finding: Finding) -> list[object]:
    """A finding as a line of its table."""
    first, last = (finding.days[0], finding.last_day) if finding.days else (None, None)
    where = [finding.code, finding.source, finding.table, finding.column, finding.member]
    return [*where, first, last, finding.count, finding.total, finding.examples]


def _written(value: object) -> str:
    """A value as SQL that DuckDB and Postgres read alike."""
    if value is None:
        return "NULL"
    if isinstance(value, tuple):
        return f"CAST(ARRAY[{', '.join(map(_written, value))}] AS VARCHAR[])"
    return str(value).lower() if isinstance(value, bool | int) else literal(str(value))
