"""The SQL of models held against empty tables: functions and types that DuckDB does not know are told before any load.

`sql_rules.py` has looked at the text before: what it finds wrong is not tried here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from kpi_core.documents.yaml_file import Steps
from kpi_core.errors import DataError
from kpi_core.metrics import AT_END, PERIOD_START, SHARE, Catalog, Measure, Model
from kpi_core.sql.quoting import quoted
from kpi_core.sql.types import SQL_TYPES
from kpi_core.warehouse.scratch import ScratchWarehouse

Unbound = tuple[Steps, str, str]
"""Where in a model's file, what is wrong, what to do."""
_TIMES = ("DATE", "TIMESTAMP")


class Tables:
    """The tables of a catalogue, empty, to try SQL on."""

    def __init__(self, catalog: Catalog, scratch: ScratchWarehouse) -> None:
        self._scratch = scratch
        self._models = catalog.models

    @cached_property
    def _refused(self) -> dict[str, tuple[str, str]]:
        """The models that can have no table, with what is wrong and what to do; the others have one from here on."""
        refused = {}
        for model in self._models.values():
            try:
                if not model.relation:
                    self._scratch.fill(model)
            except DataError as error:
                refused[model.name] = (error.message, error.hint)
        return refused

    def unbound(self, model: Model) -> Iterator[Unbound]:
        """All SQL of a model that cannot be run."""
        if model.name in self._refused:
            yield ("columns",), *self._refused[model.name]
            return
        yield from self._relation(model)
        types = {column.name: SQL_TYPES[column.type] for column in model.columns.values()}
        yield from self._computed(model, types)
        for name, sql in model.times.items():
            outcome = self._tried(sql, types)
            if not isinstance(outcome, str):
                yield ("times", name), *outcome
            elif not outcome.startswith(_TIMES):
                yield ("times", name), f"{sql} is of type {outcome}", "A time is a date or a timestamp."
        for measure in model.measures.values():
            yield from self._measure(model, measure, types)

    def _relation(self, model: Model) -> Iterator[Unbound]:
        """A query in place of a table: it must run, and give every column of the model."""
        # What is wrong with the tables that it reads is said of those.
        if not model.relation or any(name not in self._models or name in self._refused for name in model.reads):
            return
        try:
            columns = {name for name, _kind in self._scratch.types(f"({_spoken(model.relation)})")}
        except DataError as error:
            yield ("relation",), error.message, error.hint
            return
        for name in model.columns:
            if name not in columns:
                yield ("columns", name), f"relation gives no column {name}", f"It gives {', '.join(sorted(columns))}."

    def _computed(self, model: Model, types: dict[str, str]) -> Iterator[Unbound]:
        """Computed columns, those first that others read; the types of those that can be run are added."""
        waiting = dict(model.computed)
        while waiting:
            tried = {name: self._tried(sql, types) for name, sql in waiting.items()}
            resolved = {name: outcome for name, outcome in tried.items() if isinstance(outcome, str)}
            # A round without progress: what is left cannot be run, whichever came first.
            if not resolved:
                yield from (
                    (("computed", name), *outcome) for name, outcome in tried.items() if not isinstance(outcome, str)
                )
                return
            types |= resolved
            waiting = {name: sql for name, sql in waiting.items() if name not in resolved}

    def _measure(self, model: Model, measure: Measure, types: Mapping[str, str]) -> Iterator[Unbound]:
        from kpi_core.sql.statement import aggregate

        place: Steps = ("measures", measure.name)
        start = "DATE" if model.time_type(model.time_of(measure)) == "date" else "TIMESTAMP"
        seen = dict(types) | {PERIOD_START: start, SHARE: "DOUBLE"}
        seen |= {f"{AT_END}{name}": types[name] for name in model.columns} if measure.at == "both" else {}
        wrong = False
        # NOT before a filter, as DuckDB sums numbers and texts too but negates only a condition.
        for part, sql in (("expr", measure.expr), ("filter", f"not ({measure.filter})" if measure.filter else None)):
            outcome = self._tried(sql, seen) if sql else ""
            if not isinstance(outcome, str):
                wrong = True
                yield (*place, part), *outcome
        # The aggregate would fail for the same reason again.
        if not wrong:
            outcome = self._tried(aggregate(measure).sql(dialect="duckdb"), seen)
            if not isinstance(outcome, str):
                yield (*place, "agg"), *outcome

    def _tried(self, sql: str, types: Mapping[str, str]) -> str | tuple[str, str]:
        """The type of an expression over columns of these types, or what is wrong with it and what to do."""
        columns = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in types.items())
        try:
            ((_name, kind),) = self._scratch.types(f"SELECT ({_spoken(sql)}) AS tried FROM (SELECT {columns})")  # noqa: S608 - nothing is computed
        except DataError as error:
            return error.message, error.hint
        return kind


def _spoken(sql: str) -> str:
    """The SQL as the engine will write it."""
    from kpi_core.sql.fragments import fragment

    return fragment(sql).sql(dialect="duckdb", comments=False)
