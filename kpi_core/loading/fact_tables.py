# ruff: noqa: S608  (SQL is put together from quoted names and literals)
"""The tables of the data's health, open for a load in DuckDB or in Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from kpi_core.health.facts import OF_PAIRS, Finding
from kpi_core.sql.quoting import literal
from kpi_core.warehouse.health_tables import SCHEMA


class FactTables:
    """Where facts are written: a warehouse that is open for a load.

    `run` gives the rows of a statement, `at` a table in SQL.
    """

    def __init__(self, run: Callable[[str], list[Any]], at: Callable[[str], str], dialect: str) -> None:
        self.run, self.at, self.dialect = run, at, dialect

    def prepare(self) -> None:
        """Make the tables, where they are not there yet."""
        for name, columns in SCHEMA.items():
            self.run(f"CREATE TABLE IF NOT EXISTS {self.at(name)} ({columns})")
        # A snapshot may come from the time before it was written down.
        self.run(f"ALTER TABLE {self.at('kpi_sources')} ADD COLUMN IF NOT EXISTS quiet_days INTEGER")

    def before(self, columns: str, relation: str, source: str) -> list[Any]:
        """What earlier loads wrote down of a source: columns of a relation that has its name as `source`."""
        return self.run(f"SELECT {columns} FROM {relation} WHERE source = {literal(source)}")

    def replace(self, table: str, source: str, lines: Iterable[Iterable[object]]) -> None:
        """Let a source have these lines in a table, and no other ones but of pairs."""
        self.run(f"DELETE FROM {self.at(table)} WHERE source = {literal(source)}{_own(table)}")
        self.insert(table, *lines)

    def add(self, table: str, source: str, lines: Sequence[Iterable[object]]) -> None:  # noqa: ARG002  (others hold it)
        """Let a source have further lines in a table."""
        self.insert(table, *lines)

    def insert(self, table: str, *lines: Iterable[object]) -> None:
        """Add lines to a table."""
        if lines:
            values = ", ".join(f"({', '.join(map(_written, line))})" for line in lines)
            self.run(f"INSERT INTO {self.at(table)} VALUES {values}")

    def forget(self, source: str, *, findings_of: Iterable[str] = ()) -> None:
        """Remove what is known of a source by itself, or only its findings of some codes."""
        codes = ", ".join(map(literal, findings_of))
        for table in ("kpi_findings",) if codes else SCHEMA:
            condition = f"source = {literal(source)}" + (f" AND code IN ({codes})" if codes else "")
            self.run(f"DELETE FROM {self.at(table)} WHERE {condition}{_own(table)}")


class GatheredFacts(FactTables):
    """Facts of many sources, read and written in one statement a table: a short one takes longer to plan than to run.

    What is replaced or added is written by `write`, and `before` gives what was there when it was first asked for.
    """

    def __init__(self, run: Callable[[str], list[Any]], at: Callable[[str], str], dialect: str) -> None:
        super().__init__(run, at, dialect)
        self._before: dict[tuple[str, str], dict[str, list[Any]]] = {}
        self._lines: dict[str, dict[str, Sequence[Iterable[object]]]] = {}
        self._further: dict[str, dict[str, Sequence[Iterable[object]]]] = {}

    def before(self, columns: str, relation: str, source: str) -> list[Any]:
        question = (columns, relation)
        if question not in self._before:
            lines = self._before[question] = {}
            for name, *line in self.run(f"SELECT source, {columns} FROM {relation}"):
                lines.setdefault(name, []).append(tuple(line))
        return self._before[question].get(source, [])

    def replace(self, table: str, source: str, lines: Iterable[Iterable[object]]) -> None:
        self._lines.setdefault(table, {})[source] = tuple(lines)

    def add(self, table: str, source: str, lines: Sequence[Iterable[object]]) -> None:
        self._further.setdefault(table, {})[source] = lines

    def discard(self, source: str) -> None:
        """Write nothing of a source, whose rows have not gone in."""
        for lines in (*self._lines.values(), *self._further.values()):
            lines.pop(source, None)

    def write(self) -> None:
        for table, lines in self._lines.items():
            if lines:
                sources = ", ".join(map(literal, lines))
                self.run(f"DELETE FROM {self.at(table)} WHERE source IN ({sources}){_own(table)}")
                self.insert(table, *chain.from_iterable(lines.values()))
        for table, lines in self._further.items():
            self.insert(table, *chain.from_iterable(lines.values()))
        self._lines.clear()
        self._further.clear()
        self._before.clear()


def _own(table: str) -> str:
    """The end of a condition that spares what is written down of pairs of sources."""
    return f" AND code NOT IN ({', '.join(map(literal, sorted(OF_PAIRS)))})" if table == "kpi_findings" else ""


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
