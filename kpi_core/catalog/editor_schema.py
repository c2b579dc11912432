"""JSON Schema of the files that a team writes, for completion and checks in an editor while it types.

The schemas come from the shapes that `kpi check` goes by. What no schema can say (a measure that is not there, a
circle) remains for `kpi check`; and an editor also marks a key that is still empty, which `kpi check` lets pass.
"""

from __future__ import annotations

import json

from kpi_core.catalog import form
from kpi_core.settings.rules import settings_shape
from kpi_core.settings.source_types import source_types

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, object]
_MODELS: Schema = {
    "if": {"required": ["primary_entity"], "not": {"anyOf": [{"required": ["time"]}, {"required": ["measures"]}]}},
    "then": form.LOOKUP.json_schema(),
    "else": form.MODEL.json_schema(),
}


def editor_schemas() -> dict[str, Schema]:
    """File name -> schema: of a KPI, of a model, and of kpi.yaml with the sources that are installed."""
    settings = settings_shape(source_types()).json_schema()
    return {
        "kpi.schema.json": _schema(
            "A KPI", "One KPI: what it is called, how it is computed, how to read it.", form.METRIC.json_schema()
        ),
        "model.schema.json": _schema(
            "A model", "One table of facts: its columns, and the measures on them; or a look-up.", _MODELS
        ),
        "settings.schema.json": _schema("kpi.yaml", "The settings of a workspace.", settings),
    }


def schema_text(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _schema(title: str, description: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title, "description": description} | schema
