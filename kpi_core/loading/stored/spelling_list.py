# ruff: noqa: S608  (SQL is put together from quoted names of our own)
"""The values that names are spelled by, from load to load: where none is new, all are spelled as they were.

Each value of the rows stands in `kpi_spellings` as it is spelled in the end, under the name of its column. A load that
brings these alone, or new ones that are no spelling of any, changes no spelling: then nobody counts the rows of earlier
loads. What has left the rows may stay listed; a spelling of it is then looked at more closely, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from kpi_core.loading.reading.meanings import words_of
from kpi_core.loading.spellings import spelled_columns
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal
from kpi_core.sql.spelling import folded, folded_sql, tidy_sql

if TYPE_CHECKING:
    import duckdb

SPELLINGS = "kpi_spellings"
LISTED_BY = "kpi_spellings_by"
"""What the list depends on beside the rows."""
_LISTED_AS = 1
"""Another number makes every load count all values once."""
_MOST = 1000
"""New values, or values of columns whose words have meanings, beyond which all are counted."""


class SpellingList:
    """The list of a snapshot that is built. The values that were read stand in the temporary table `kpi_spelled`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> None:
        """`models` by the sources that fill them."""
        self._connection = connection
        self._models = list({model.name: model for model in models.values()}.values())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {SPELLINGS} (name VARCHAR, value VARCHAR)")
        connection.execute(f"CREATE TABLE IF NOT EXISTS {LISTED_BY} (basis VARCHAR)")
        columns = [
            (source, model.name, [(name, model.columns[name].words) for name in spelled_columns(model)])
            for source, model in sorted(models.items())
        ]
        self._definitions = sha256(f"{_LISTED_AS} {columns!r}".encode()).hexdigest()

    def changes_nothing(self) -> bool:
        """Whether what was read is spelled as what is there, or is new and no spelling of anything; it is listed."""
        run = self._connection.execute
        if run(f"SELECT basis FROM {LISTED_BY}").fetchall() != [(self._basis(),)]:
            return False
        if self._means_something_else():
            return False
        fresh = f"""
            SELECT DISTINCT name, value, {folded_sql("value")} AS folded, {tidy_sql("value")} AS tidy
            FROM kpi_spelled ANTI JOIN {SPELLINGS} USING (name, value)"""
        run(f"CREATE OR REPLACE TEMP TABLE kpi_fresh AS {fresh}")
        lines = run(f"SELECT name, value, folded, tidy FROM kpi_fresh LIMIT {_MOST + 1}").fetchall()
        folds = {(name, key) for name, _value, key, _tidy in lines}
        if len(lines) > _MOST or len(folds) < len(lines) or any(value != tidy for _name, value, _key, tidy in lines):
            return False
        if lines:
            names = ", ".join(map(literal, sorted({name for name, _key in folds})))
            listed = f"SELECT name, {folded_sql('value')} AS folded FROM {SPELLINGS} WHERE name IN ({names})"
            if run(f"SELECT 1 FROM kpi_fresh JOIN ({listed}) USING (name, folded) LIMIT 1").fetchall():
                return False
            run(f"INSERT INTO {SPELLINGS} SELECT name, value FROM kpi_fresh")
        return True

    def _means_something_else(self) -> bool:
        """Whether a value that was read may be a word of a model in other words."""
        meanings: dict[str, list[dict[str, str]]] = {}
        for model in self._models:
            for name in spelled_columns(model):
                if model.columns[name].words:
                    meanings.setdefault(name, []).append(words_of(model.columns[name]))
        if not meanings:
            return False
        names = ", ".join(map(literal, meanings))
        sql = f"SELECT DISTINCT name, value FROM kpi_spelled WHERE name IN ({names}) LIMIT {_MOST + 1}"
        values = self._connection.execute(sql).fetchall()
        return len(values) > _MOST or any(
            words.get(folded(value), value) != value for name, value in values for words in meanings[name]
        )

    def write(self) -> None:
        """List what all values are spelled by now, as it was settled in the temporary table `kpi_respelled`."""
        self._connection.execute(f"DELETE FROM {SPELLINGS}")
        self._connection.execute(f"INSERT INTO {SPELLINGS} SELECT DISTINCT name, spelling FROM kpi_respelled")

    def close(self) -> None:
        """Write down what the list depends on, when all sources have gone in."""
        self._connection.execute(f"DELETE FROM {LISTED_BY}")
        self._connection.execute(f"INSERT INTO {LISTED_BY} VALUES ({literal(self._basis())})")

    def _basis(self) -> str:
        """The definitions, and the loads: one by a release that keeps no list makes it void."""
        ((loads,),) = self._connection.execute("SELECT max(loaded_at) FROM kpi_loads").fetchall()
        return f"{self._definitions} {loads}"
