"""Definitions for one workspace: its time zone and its own numbers put into the SQL of models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kpi_core.metrics import PARAMETERS, Catalog, Model
from kpi_core.sql.quoting import literal

_PLACE = "{"


def localised(catalog: Catalog, timezone: str, parameters: Mapping[str, float]) -> Catalog:
    """The catalogue with `{timezone}` and `{active_days}` and the like filled in, where a model's SQL has them."""
    # The name stands between quotes in the SQL.
    texts = {"timezone": literal(timezone)[1:-1]}
    texts |= {name: f"{value:g}" for name, value in {**PARAMETERS, **parameters}.items()}
    models = {name: _filled(_in_zone(model, timezone), texts) for name, model in catalog.models.items()}
    return replace(catalog, models=models)


def _in_zone(model: Model, timezone: str) -> Model:
    """The same model where no instant of its rows has to have a date."""
    instants = any(column.type == "timestamp" for column in model.columns.values())
    spans = any(lookup.of_its_time for lookup in model.lookups.values())
    return replace(model, timezone=timezone) if (instants or spans) and timezone != model.timezone else model


def _filled(model: Model, texts: Mapping[str, str]) -> Model:
    """The same model where there is nothing to fill in: cached queries know it by its identity."""
    told = {**model.lookups, **model.calendars}
    sql = (
        model.relation or "",
        *model.computed.values(),
        *model.times.values(),
        *(lookup.expr for lookup in told.values()),
    )
    if not any(_PLACE in text for text in sql):
        return model

    def fill(text: str) -> str:
        for name, value in texts.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return replace(
        model,
        relation=fill(model.relation) if model.relation else None,
        computed={name: fill(text) for name, text in model.computed.items()},
        times={name: fill(text) for name, text in model.times.items()},
        lookups={name: replace(lookup, expr=fill(lookup.expr)) for name, lookup in model.lookups.items()},
        calendars={name: replace(lookup, expr=fill(lookup.expr)) for name, lookup in model.calendars.items()},
    )
