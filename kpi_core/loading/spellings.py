# ruff: noqa: S608  (SQL is put together from quoted names and relations of our own)
"""One spelling for each value: Google, google and `GOOGLE ` are one row of a split, in every table of the company.

The values of a column are gathered over all tables that have one of that name, those of earlier loads too. The
commonest spelling is the one that stays; at a tie the one with fewer capitals. `kpi_core/sql/spelling.py` says what
counts as one. Identifiers (keys, customers) keep their spelling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.loading.reading.meanings import words_of
from kpi_core.loading.staged import Rebuild, Stage, by_file
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.spelling import folded, folded_sql, tidy_sql

if TYPE_CHECKING:
    import duckdb

_ABOVE_ALL = 10**15
"""More rows than any spelling has."""
_TOGETHER = 50
_FEW = 500
Change = tuple[str, str, str]
"""A column, a spelling in it, and the one to put in its place."""


def spelled_columns(model: Model) -> tuple[str, ...]:
    """The columns whose values are names and no identifiers."""
    identifiers = {*model.key, *model.entities.values(), *([model.valid.entity] if model.valid else [])}
    return tuple(
        name
        for name, column in model.columns.items()
        if column.type == "text" and name not in identifiers and not name.endswith("_id")
    )


def alike_but_for_spelling(
    model: Model, relation: str, day: str, connection: duckdb.DuckDBPyConnection
) -> dict[date, int]:
    """By day, how many rows of a relation one spelling makes equal to others: they are no second copies.

    `day` is the SQL of a row's day. Nothing of a table with a key, whose rows are never equal.
    """
    spelled = set(spelled_columns(model))
    columns = [quoted(name) for name in model.columns]
    folds = [folded_sql(quoted(name)) if name in spelled else quoted(name) for name in model.columns]
    if model.key or not spelled:
        return {}
    if not _differ_in_spelling(spelled, relation, connection):
        return {}
    alike = f"count(DISTINCT ({', '.join(columns)})) - count(DISTINCT ({', '.join(folds)}))"
    counts = connection.execute(f"SELECT {day}, {alike} FROM {relation} WHERE {day} IS NOT NULL GROUP BY 1")
    return {each: rows for each, rows in counts.fetchall() if rows}


def _differ_in_spelling(names: Collection[str], relation: str, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a column has two values that are spellings of one."""
    values = connection.execute(
        " UNION ALL ".join(
            f"(SELECT {literal(name)}, {quoted(name)} FROM {relation} WHERE {quoted(name)} IS NOT NULL "
            f"GROUP BY 2 LIMIT {_FEW + 1})"
            for name in names
        )
    ).fetchall()
    many = {name for name, values_of in Counter(name for name, _value in values).items() if values_of > _FEW}
    if len({(name, folded(value)) for name, value in values if name not in many}) < sum(
        name not in many for name, _value in values
    ):
        return True
    # Few values are folded here: planning to fold them in SQL takes longer.
    differ = " OR ".join(f"count(DISTINCT {quoted(n)}) > count(DISTINCT {folded_sql(quoted(n))})" for n in many)
    return bool(many and connection.execute(f"SELECT {differ} FROM {relation}").fetchall()[0][0])


class Spellings:
    """The values of all tables while a load is put together; `connection` is any DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
        self.connection = connection
        self._settled: dict[str, list[tuple[str, str, str]]] = {}
        """By column what is spelled otherwise, and what may mean a word of a model: as it is, folded, its spelling."""
        self._meanings: set[str] = set()
        connection.execute("CREATE OR REPLACE TEMP TABLE kpi_spelled (name VARCHAR, value VARCHAR, rows BIGINT)")
        words: list[tuple[str, str, int]] = []
        for model in models:
            for name in spelled_columns(model):
                if model.columns[name].words:
                    self._meanings |= words_of(model.columns[name]).keys()
                # A formula asks for the word as it stands in the model, whatever is commoner.
                words += [(name, word, _ABOVE_ALL) for word in model.columns[name].words]
        self._add(words)

    def count(self, relations: Iterable[tuple[Model, str, Collection[str]]]) -> None:
        """Take in the values of relations of the connection, each with its model and the columns that it has."""
        counts = [
            f"SELECT {literal(name)}, {quoted(name)}, count(*) FROM {relation} "
            f"WHERE {quoted(name)} IS NOT NULL GROUP BY 2"
            for model, relation, columns in relations
            for name in spelled_columns(model)
            if name in columns
        ]
        # Together, for a statement a column takes longer to plan than to run; not all, for a plan has its size.
        for first in range(0, len(counts), _TOGETHER):
            self.connection.execute(f"INSERT INTO kpi_spelled {' UNION ALL '.join(counts[first : first + _TOGETHER])}")

    def add(self, name: str, counts: Sequence[tuple[str, int]]) -> None:
        """Take in values that were counted elsewhere."""
        self._add([(name, value, rows) for value, rows in counts])

    def _add(self, counts: Sequence[tuple[str, str, int]]) -> None:
        if counts:
            sql = "INSERT INTO kpi_spelled SELECT unnest(?), unnest(?), unnest(?)"
            self.connection.execute(sql, [list(column) for column in zip(*counts, strict=True)])

    def settle(self) -> None:
        """Choose the spelling of each value, once all are taken in."""
        self.connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE kpi_respelled AS
            WITH tidied AS (
                SELECT name, value, {tidy_sql("value")} AS tidy, {folded_sql("value")} AS folded, sum(rows) AS rows
                FROM kpi_spelled GROUP BY ALL),
            ranked AS (
                SELECT name, folded, tidy, sum(rows) AS rows FROM tidied GROUP BY ALL),
            chosen AS (
                SELECT name, folded, tidy AS spelling FROM ranked QUALIFY row_number() OVER (
                    PARTITION BY name, folded
                    ORDER BY rows DESC, lower(tidy) = folded DESC,
                        length(regexp_replace(tidy, '\\p{{Lu}}', '', 'g')) DESC, tidy) = 1)
            SELECT name, value, folded, spelling FROM tidied JOIN chosen USING (name, folded)""")
        # Words with a meaning may mean the model's own, whatever is commoner.
        listed = ", ".join(map(literal, sorted(self._meanings))) or "NULL"
        sql = f"""
            SELECT name, value, folded, spelling FROM kpi_respelled
            WHERE value <> spelling OR folded IN ({listed}) ORDER BY value"""
        self._settled = {}
        for name, *line in self.connection.execute(sql).fetchall():
            self._settled.setdefault(name, []).append(tuple(line))

    def changes(self, model: Model) -> list[Change]:
        """What is to be spelled otherwise in the tables of a model. Words with a meaning become those of the model."""
        changes: list[Change] = []
        for name in spelled_columns(model):
            column = model.columns[name]
            meanings = words_of(column) if column.words else {}
            for value, key, spelling in self._settled.get(name, ()):
                meant = meanings.get(key, spelling)
                if meant != value:
                    changes.append((name, value, meant))
        return changes

    def respell(self, model: Model, table: str, columns: Iterable[str] | None = None) -> bool:
        """Make the changes in a table of the connection; whether there were any."""
        there = set(model.columns if columns is None else columns)
        changes = [change for change in self.changes(model) if change[0] in there]
        changed = False
        for name in dict.fromkeys(name for name, _value, _spelling in changes):
            pairs = [(value, spelling) for column, value, spelling in changes if column == name]
            values, spellings = zip(*pairs, strict=True)
            ((rows,),) = self.connection.execute(
                f"UPDATE {table} SET {quoted(name)} = chosen.spelling "
                "FROM (SELECT unnest(?) AS value, unnest(?) AS spelling) AS chosen "
                f"WHERE {quoted(name)} = chosen.value",
                [list(values), list(spellings)],
            ).fetchall()
            changed = changed or bool(rows)
        return changed


def loaded_models(rebuild: Rebuild) -> list[Model]:
    """The models that sources fill."""
    tables = dict.fromkeys(source.table for source in rebuild.settings.sources)
    return [rebuild.catalog.models[table] for table in tables if table in rebuild.catalog.models]


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[str]:
    """A file of stages, as a database of the connection."""
    connection.execute(f"ATTACH {literal(str(file))} AS respelled")
    try:
        yield "respelled"
    finally:
        connection.execute("DETACH respelled")


def count_stages(spellings: Spellings, stages: Sequence[Stage]) -> None:
    """Take in the values of what a load has read."""
    for file, together in by_file(stages).items():
        with _attached(spellings.connection, file) as attached:
            spellings.count([(stage.model, stage.ready(attached), stage.model.columns) for stage in together])


def respell_stages(spellings: Spellings, stages: Sequence[Stage]) -> None:
    """Put the chosen spellings into what a load has read."""
    for file, together in by_file(stages).items():
        with _attached(spellings.connection, file) as attached:
            changed = [spellings.respell(stage.model, stage.ready(attached)) for stage in together]
            if any(changed):
                spellings.connection.execute(f"CHECKPOINT {attached}")
