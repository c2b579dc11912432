"""The tables beside the facts in which loads write down the health of the data, and how they are read.

One line a source in `kpi_sources`, one a source and column in `kpi_columns`, one a member of a balance in
`kpi_members`, one a finding in `kpi_findings`. Whatever `kpi load` fills has them: of tables that were filled outside
nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from kpi_core.health.breaks import Break
from kpi_core.health.facts import Fill, Finding, Health, SourceFacts
from kpi_core.warehouse.door import Warehouse

ALIKE = "kpi_alike"
"""By day, how many rows of a source differed from others in spelling alone."""
VAT = "kpi_vat"
"""By column of amounts whether VAT is in them."""
BREAKS = "kpi_breaks"
"""The days from which on columns mean something else. Names and words are JSON."""
SCHEMA = {
    "kpi_sources": """source VARCHAR, table_name VARCHAR, position INTEGER, first_day DATE, last_day DATE,
        row_count BIGINT, loaded_at TIMESTAMP, quiet_days INTEGER""",
    "kpi_columns": """source VARCHAR, table_name VARCHAR, column_name VARCHAR, present BOOLEAN, row_count BIGINT,
        filled BIGINT""",
    "kpi_members": "source VARCHAR, table_name VARCHAR, column_name VARCHAR, member VARCHAR",
    "kpi_findings": """code VARCHAR, source VARCHAR, table_name VARCHAR, column_name VARCHAR, member VARCHAR,
        first_day DATE, last_day DATE, count BIGINT, total BIGINT, examples VARCHAR[]""",
    ALIKE: "source VARCHAR, day DATE, row_count BIGINT",
    VAT: "source VARCHAR, table_name VARCHAR, column_name VARCHAR, basis VARCHAR",
    BREAKS: "source VARCHAR, table_name VARCHAR, since DATE, adjusted BOOLEAN, column_names VARCHAR, words VARCHAR",
}
"""`last_day` of a finding is inside; both its days are NULL where they are not known."""

_SOURCES = """
    SELECT facts.source, facts.table_name, facts.first_day, facts.last_day, facts.row_count, facts.loaded_at, rejected,
        {quiet_days}
    FROM kpi_sources AS facts LEFT JOIN kpi_loads AS loads ON loads.source = facts.source
    ORDER BY facts.position, facts.source"""
_COLUMNS = "SELECT source, column_name, present, row_count, filled FROM kpi_columns ORDER BY source, column_name"
_MEMBERS = "SELECT source, column_name, member FROM kpi_members"
_FINDINGS = (
    "SELECT code, source, table_name, column_name, member, first_day, last_day, count, total, examples "
    "FROM kpi_findings ORDER BY source, table_name, code, column_name, member, first_day"
)


def read_health(warehouse: Warehouse) -> Health:
    """All that the loads wrote down; nothing where they did not fill the warehouse."""
    if not warehouse.columns("kpi_findings"):
        return Health()
    fills: dict[str, dict[str, Fill]] = {}
    for source, column, present, rows, filled in warehouse.rows(_COLUMNS, {}):
        fills.setdefault(source, {})[column] = Fill(present, rows, filled)
    members, vat = _read_members(warehouse), _read_vat(warehouse)
    # A snapshot may come from the time before this was written down.
    quiet_days = "quiet_days" if "quiet_days" in warehouse.columns("kpi_sources") else "0"
    lines = warehouse.rows(_SOURCES.format(quiet_days=quiet_days), {})
    sources = (
        SourceFacts(
            *(source, table, first, last, rows, _aware(loaded_at)),
            columns=fills.get(source, {}),
            members=members.get(source, {}),
            vat=vat.get(source, {}),
            kept_out=kept_out or 0,
            quiet_days=quiet or 0,
        )
        for source, table, first, last, rows, loaded_at, kept_out, quiet in lines
    )
    return Health(tuple(sources), tuple(_findings(warehouse.rows(_FINDINGS, {}))), tuple(_read_breaks(warehouse)))


def _read_breaks(warehouse: Warehouse) -> Iterator[Break]:
    """Those with rows on both sides; none in a snapshot from the time before they were written down."""
    if not warehouse.columns(BREAKS):
        return
    lines = f"""
        SELECT breaks.since, breaks.source, breaks.table_name, adjusted, column_names, words FROM {BREAKS} AS breaks
        JOIN kpi_sources AS facts ON facts.source = breaks.source
        WHERE facts.first_day < breaks.since AND breaks.since <= facts.last_day
        ORDER BY breaks.since, breaks.source, column_names"""  # noqa: S608  (a name of our own)
    for since, source, table, adjusted, names, words in warehouse.rows(lines, {}):
        told = json.loads(words)
        yield Break(since, source, table, tuple(json.loads(names)), told["text"], told["where"], bool(adjusted))


def break_line(each: Break) -> list[object]:
    """A break as a line of its table."""
    words = json.dumps({"text": dict(each.text), "where": dict(each.where)}, ensure_ascii=False)
    return [each.source, each.table, each.since, each.adjusted, json.dumps(each.columns), words]


def _read_vat(warehouse: Warehouse) -> dict[str, dict[str, str]]:
    """By source and column; nothing in a snapshot from the time before it was written down."""
    bases: dict[str, dict[str, str]] = {}
    if warehouse.columns(VAT):
        for source, column, basis in warehouse.rows(f"SELECT source, column_name, basis FROM {VAT}", {}):  # noqa: S608
            bases.setdefault(source, {})[column] = basis
    return bases


def _read_members(warehouse: Warehouse) -> dict[str, dict[str, frozenset[str]]]:
    """By source and column; nothing in a snapshot from the time before they were written down."""
    found: dict[str, dict[str, set[str]]] = {}
    if warehouse.columns("kpi_members"):
        for source, column, member in warehouse.rows(_MEMBERS, {}):
            found.setdefault(source, {}).setdefault(column, set()).add(member)
    return {source: {name: frozenset(each) for name, each in columns.items()} for source, columns in found.items()}


def _findings(rows: Iterable[tuple[Any, ...]]) -> Iterator[Finding]:
    for code, source, table, column, member, first, last, count, total, examples in rows:
        days = (first, last + timedelta(days=1)) if first is not None and last is not None else None
        yield Finding(code, source, table, column, member, days, count, total, tuple(examples or ()))


def _aware(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant is not None else None
