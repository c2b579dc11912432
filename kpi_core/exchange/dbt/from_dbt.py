"""A dbt project's semantic models and metrics as definitions of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_core.documents.yaml_file import Document
from kpi_core.errors import Problem
from kpi_core.exchange.built_in import called, merged_model, takes_a_place
from kpi_core.exchange.carried import Carried, NotCarriedError
from kpi_core.exchange.checked import only_sound
from kpi_core.exchange.dbt.semantic_tables import Table, facts, lookup
from kpi_core.exchange.dbt.translation import Translation
from kpi_core.exchange.dbt.written_forms import project_of

_HINT = "It was left out, and what is made of it; everything else is carried."


def from_dbt(documents: Sequence[Document]) -> Carried:
    """What of the documents means the same here, as files by their name; what does not is refused, with its place."""
    translation = Translation(project_of(documents))
    refused: list[Problem] = []
    kpis: dict[str, dict[str, Any]] = {}
    for name in translation.kpis():
        written = translation.metrics[name]
        try:
            kpis[called(name)] = translation.kpi(name)
        except NotCarriedError as error:
            refused.append(written.problem(f"{name}: {error}", _HINT))
    files: dict[str, Mapping[str, Any]] = {f"metrics/{name}.yaml": kpi for name, kpi in kpis.items()}
    shared = {name for table in translation.tables.values() for name in table.foreign}
    for table in translation.tables.values():
        try:
            model = _model(table, translation, shared)
            if model is not None:
                files[f"models/{table.table}.yaml"] = model
        except NotCarriedError as error:
            refused.append(table.written.problem(f"{table.name}: {error}", _HINT))
    places = {f"metrics/{called(name)}.yaml": written for name, written in translation.metrics.items()}
    places |= {f"models/{table.table}.yaml": table.written for table in translation.tables.values()}
    sound, broken = only_sound(files, places)
    notes = [f"{name} takes the place of the KPI that comes built in." for name in kpis if takes_a_place(name)]
    notes += (_assumed(table) for table in translation.tables.values() if f"models/{table.table}.yaml" in sound)
    return Carried(sound, (*refused, *broken), tuple(filter(None, notes)))


def _model(table: Table, translation: Translation, shared: set[str]) -> dict[str, Any] | None:
    measures = translation.measures.get(table.name, {})
    if measures:
        return merged_model(facts(table, measures, looked_up=table.primary in shared))
    has_rows = bool(table.primary in table.entities and table.primary in shared and table.dimensions)
    return lookup(table) if has_rows and not table.measures else None


def _assumed(table: Table) -> str:
    """The columns whose type nobody said."""
    used = {table.sql_of(name) for name in (*table.dimensions, *table.entities)} - table.types.keys()
    names = ", ".join(sorted(name for name in used if name.isidentifier()))
    return f"{table.table}: the types of {names} are taken from their use; data_type in dbt says them." if names else ""
