# ruff: noqa: S608  (SQL is put together from quoted names and definitions)
"""Day rollups beside the facts: sums and counts by local day and dimensions, so that an answer need not read all rows.

Each load builds them in the snapshot that it swaps in: `rollups.<model>__<time>__<digest>`, listed in `kpi_rollups`. A
rollup is a table of facts like another, with a date for its time and a sum for each measure, so it is read through a
Model of its own; `rolled_up` says where it answers. It equals the raw answer to the last digit: only exact types are
summed up (no floats), days are cut by the same clock, and the digest names the definitions and the zone it was built
from; another one's rollup is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import Column, Measure, Model, Reads
from kpi_core.sql.plan import Fetch
from kpi_core.sql.quoting import quoted

Rollups = Mapping[str, Sequence[Model]]
"""Of one model: time -> the rollups as models of their own, the smallest first."""
Listed = tuple[str, str, str, str, Sequence[str], Sequence[str]]
"""A line of READ."""
LIST = "kpi_rollups"
READ = f"SELECT model, time, digest, table_name, dimensions, measures FROM {LIST} WHERE table_name IS NOT NULL"
READ_IN_POSTGRES = f"{READ} AND to_regclass(named) = to_regclass(facts)"
"""Without those of tables that another schema of the search path hides."""


def rollups_of(model: Model, listed: Iterable[Listed], calendar: Calendar) -> Rollups:
    """Those of a model that were built from the definitions and the zone of now."""
    own = [line for line in listed if line[0] == model.name]
    if not own:
        return {}
    digest = digest_of(model, calendar)
    by_time: dict[str, list[Model]] = {}
    # Fewer dimensions are fewer rows.
    for _name, time, built_from, table, dimensions, measures in sorted(own, key=lambda line: len(line[4])):
        if built_from == digest:
            by_time.setdefault(time, []).append(rollup_model(model, time, table, dimensions, measures))
    return by_time


def rolled_up(fetch: Fetch, model: Model, rollups: Rollups) -> Model:
    """The smallest rollup that can answer a fetch, else the model itself."""
    read = {*fetch.dimensions, *(clause.dimension for clause in fetch.filters)}
    for rollup in rollups.get(fetch.time, ()):
        if read <= set(rollup.dimensions) and set(fetch.measures) <= rollup.measures.keys():
            return rollup
    return model


def rollup_model(model: Model, time: str, table: str, dimensions: Sequence[str], measures: Sequence[str]) -> Model:
    """A rollup as a model: days for instants, sums of what was summed up."""
    return replace(
        model,
        name=table,
        columns={time: Column(time, "date"), **{name: model.columns[name] for name in dimensions}},
        key=(),
        time=time,
        times={},
        dimensions=tuple(dimensions),
        measures={name: Measure(name, "sum", expr=measure_column(name)) for name in measures},
        computed={},
        lookups={},
        relation=None,
        reads=(),
    )


def plain_dimensions(model: Model) -> tuple[str, ...]:
    """The dimensions that a model's rows have themselves: what is looked up may change by another load."""
    return tuple(name for name in model.dimensions if name not in model.lookups and not model.is_computed(name))


def digest_of(model: Model, calendar: Calendar) -> str:
    """What a model's rollups depend on, in twelve hexadecimal digits."""
    parts = (calendar.timezone, model.columns, model.times, plain_dimensions(model), model.computed, model.time)
    # Without the words about a measure: they change no sum.
    measures = [replace(measure, description="", reads=Reads()) for measure in model.measures.values()]
    # The 1 stands for how rollups are built: one more makes every snapshot's anew.
    return hashlib.sha256(f"1 {parts!r} {measures!r}".encode()).hexdigest()[:12]


def measure_column(measure: str) -> str:
    return quoted(f"measure_{measure}")
