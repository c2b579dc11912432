# ruff: noqa: S608  (SQL is put together from quoted names and literals)
"""The trail of restatements: what each account's day came to, each time that a service said something else of it.

A line of `kpi_restatements` holds until the next one of its day and measure: a day that is read again and has not moved
adds none. Days without rows are 0 once they had some. From this it is learnt how long numbers go on moving.
"""

from __future__ import annotations

from datetime import UTC, datetime

from kpi_core.loading.covering import ACCOUNT
from kpi_core.loading.fact_tables import FactTables
from kpi_core.loading.staged import Stage
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal, quoted
from kpi_core.warehouse.reach import RESTATED

TRAIL = RESTATED
_EXACT = "DECIMAL(38, 6)"
_COLUMNS = f"source VARCHAR, account VARCHAR, day DATE, measure VARCHAR, read_at TIMESTAMP, value {_EXACT}"


def prepare_trail(tables: FactTables) -> None:
    """Make the table, where it is not there yet."""
    tables.run(f"CREATE TABLE IF NOT EXISTS {tables.at(TRAIL)} ({_COLUMNS})")


def forget_trail(tables: FactTables, source: str) -> None:
    """Remove what a source has left there."""
    tables.run(f"DELETE FROM {tables.at(TRAIL)} WHERE source = {literal(source)}")


def extend_trail(tables: FactTables, stage: Stage, relation: str, day: str, now: datetime) -> None:
    """Write down what differs from the last reading, of the days and accounts that a stage was answered for.

    `relation` are the rows as they are stored now, `day` the SQL of their local day.
    """
    measures = measures_of(stage.model)
    if not stage.raw.covers or not measures:
        return
    source, trail = literal(stage.source.name), tables.at(TRAIL)
    read_at = f"TIMESTAMP '{now.astimezone(UTC).replace(tzinfo=None).isoformat(' ')}'"
    windows = " OR ".join(
        f"(account = {literal(window.account)} AND day BETWEEN DATE '{window.first}' AND DATE '{window.last}')"
        for window in stage.raw.covers
    )
    tables.run(f"DELETE FROM {trail} WHERE source = {source} AND read_at = {read_at} AND ({windows})")
    listed = ", ".join(quoted(name) for name in measures)
    rows = f"SELECT coalesce({ACCOUNT}, '') AS account, {day} AS day, {listed} FROM {relation}"
    sums = " UNION ALL ".join(
        f"SELECT account, day, {literal(name)} AS measure, sum(CAST({quoted(name)} AS {_EXACT})) AS value "
        f"FROM answered GROUP BY account, day HAVING count({quoted(name)}) > 0"
        for name in measures
    )
    tables.run(f"""
        INSERT INTO {trail}
        WITH answered AS (SELECT * FROM ({rows}) AS stored WHERE {windows}),
            sums AS ({sums}),
            latest AS (SELECT DISTINCT ON (account, day, measure) account, day, measure, value FROM {trail}
                WHERE source = {source} AND ({windows}) ORDER BY account, day, measure, read_at DESC)
        SELECT {source}, coalesce(sums.account, latest.account), coalesce(sums.day, latest.day),
            coalesce(sums.measure, latest.measure), {read_at}, CAST(coalesce(sums.value, 0) AS {_EXACT})
        FROM sums FULL JOIN latest
            ON sums.account = latest.account AND sums.day = latest.day AND sums.measure = latest.measure
        WHERE latest.value IS NULL OR latest.value <> CAST(coalesce(sums.value, 0) AS {_EXACT})""")


def measures_of(model: Model) -> tuple[str, ...]:
    """The columns of a model whose sums are followed: its amounts and counts."""
    return tuple(
        name
        for name, column in model.columns.items()
        if column.type in {"integer", "decimal"} and name not in model.key
    )
