"""Checks calls against Google's own description of its APIs, which google-api-python-client ships.

Only for tests and for a strict server: nothing else needs that package.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

from sheets_sync.sandbox.api.request_log import LoggedRequest
from sheets_sync.sandbox.document.masks import Mask, parse_mask

Json = dict[str, Any]
APIS = {"/v4/": ("sheets.v4.json", "/"), "/drive/v3/": ("drive.v3.json", "/drive/v3/")}
TYPES: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": int | float, "any": object}
_NUMERIC = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
GSPREADS_OWN = frozenset(["request.withLink", "includeItemsFromAllDrives"])
"""What gspread sends although Google does not describe it there."""


@functools.cache
def document(name: str) -> Json:
    import googleapiclient

    folder = Path(googleapiclient.__path__[0]) / "discovery_cache" / "documents"
    return dict(json.loads((folder / name).read_text("utf-8")))


@functools.cache
def methods(name: str) -> list[tuple[str, re.Pattern[str], Json]]:
    """Each method with its verb and the shape of its path."""

    def walk(part: Json) -> list[Json]:
        below = [method for resource in part.get("resources", {}).values() for method in walk(resource)]
        return [*part.get("methods", {}).values(), *below]

    entries = []
    for method in walk(document(name)):
        path = re.escape(method.get("flatPath") or method["path"]).replace(r"\{", "{").replace(r"\}", "}")
        # Elsewhere a colon begins the verb of a path, but `A1:B2` has one of its own.
        pattern = re.sub(r"{[^}]+}", "[^/:]+", path.replace("{range}", "[^/]+?"))
        entries.append((method["httpMethod"], re.compile(pattern + "$"), method))
    return entries


def problems_of(call: LoggedRequest) -> list[str]:
    """What Google's description does not know about a call that was answered with 2xx, in what was sent or answered."""
    description = _described(call.method, call.path)
    if description is None:
        return []
    name, method = description
    wrong = request_problems(call.method, call.path, call.query, call.body)
    if method and "response" in method and isinstance(call.answer, dict):
        wrong += wrong_in(call.answer, method["response"], name, "response")
    return wrong


def request_problems(verb: str, path: str, query: dict[str, list[str]], body: Any) -> list[str]:
    """Unknown paths, parameters, fields and mask entries of a request, and values of the wrong type."""
    description = _described(verb, path)
    if description is None:
        return []
    name, method = description
    if method is None:
        return [f"no method {verb} {path}"]
    parameters = {**method.get("parameters", {}), **document(name).get("parameters", {})}
    wrong = [
        f"unknown parameter {parameter}"
        for parameter in query
        if parameter not in parameters and parameter not in GSPREADS_OWN
    ]
    wrong += [
        f"{parameter}: {value} is none of {parameters[parameter]['enum']}"
        for parameter, values in query.items()
        for value in values
        if "enum" in parameters.get(parameter, {}) and value not in parameters[parameter]["enum"]
    ]
    if "request" in method:
        problems = wrong_in(body, method["request"], name, "request")
        wrong += [problem for problem in problems if problem.split()[0] not in GSPREADS_OWN]
    if "response" in method:
        masks = [parse_mask(text) for text in query.get("fields", [])]
        wrong += [problem for mask in masks for problem in _unknown(mask, method["response"], name, "fields")]
    return wrong + _write_mask_problems(body)


def _write_mask_problems(body: Any) -> list[str]:
    requests = body.get("requests", []) if isinstance(body, dict) else []
    objects = [request for request in requests if isinstance(request, dict)]
    parts = [(kind, part) for request in objects for kind, part in request.items() if isinstance(part, dict)]
    return [problem for kind, part in parts if "fields" in part for problem in mask_problems(kind, part)]


def _described(verb: str, path: str) -> tuple[str, Json | None] | None:
    """The document that should describe the path, and the method that does; None for paths of no known API."""
    for prefix, (name, base) in APIS.items():
        if path.startswith(prefix):
            short = path.removeprefix(base).rstrip("/")
            matches = [
                method for method_verb, shape, method in methods(name) if method_verb == verb and shape.match(short)
            ]
            return name, matches[0] if matches else None
    return None


def _unknown(mask: Mask, schema: Json, name: str, path: str) -> list[str]:
    schema = _resolved(schema, name)
    if schema.get("type") == "array":
        return _unknown(mask, schema["items"], name, path)
    wrong = []
    for field, below in mask.items():
        if field == "*":
            continue
        properties = schema.get("properties", {})
        if field not in properties:
            wrong.append(f"{path}.{field} does not exist")
        else:
            wrong += _unknown(below, properties[field], name, f"{path}.{field}")
    return wrong


def _resolved(schema: Json, name: str) -> Json:
    return document(name)["schemas"][schema["$ref"]] if "$ref" in schema else schema


def wrong_in(value: Any, schema: Json, name: str, path: str) -> list[str]:
    """Unknown fields and values of the wrong type, each with its path."""
    # A grid has thousands of cells, and hardly ever one with something to be told: then no path is put together.
    return [] if _fits(value, schema, document(name)["schemas"]) else _told(value, schema, name, path)


def _fits(value: Any, schema: Json, schemas: Json) -> bool:
    """Whether nothing is wrong; False also where only its path can tell."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            return False
        properties, more = schema.get("properties", {}), schema.get("additionalProperties")
        return all(
            (below := properties.get(field, more)) and _fits(item, below, schemas) for field, item in value.items()
        )
    if kind == "array":
        return isinstance(value, list) and all(_fits(item, schema["items"], schemas) for item in value)
    return _is_of_kind(value, schema)


def _is_of_kind(value: Any, schema: Json) -> bool:
    kind = schema.get("type")
    # In Python True is an int, in JSON it is none.
    fits = isinstance(value, TYPES[str(kind)]) and (kind in ("boolean", "any") or not isinstance(value, bool))
    return fits and value in schema.get("enum", [value])


def _told(value: Any, schema: Json, name: str, path: str) -> list[str]:
    schema = _resolved(schema, name)
    kind = schema.get("type")
    if kind == "object":
        return _wrong_object(value, schema, name, path)
    if kind == "array":
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [wrong for item in value for wrong in _told(item, schema["items"], name, f"{path}[]")]
    if path.endswith(".numberValue") and isinstance(value, str) and _NUMERIC.fullmatch(value):
        # Google reads numbers from texts; here that is done where a client is known to send them.
        return []
    return [] if _is_of_kind(value, schema) else [f"{path}: {value!r} is no {kind}"]


def _wrong_object(value: Any, schema: Json, name: str, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    properties, more = schema.get("properties", {}), schema.get("additionalProperties")
    wrong = []
    for field, item in value.items():
        below = properties.get(field, more)
        wrong += _told(item, below, name, f"{path}.{field}") if below else [f"{path}.{field} does not exist"]
    return wrong


def mask_problems(kind: str, body: Json) -> list[str]:
    """Fields that a write's mask names and that its object does not have."""
    parts = {
        "updateCells": "CellData",
        "repeatCell": "CellData",
        "appendCells": "CellData",
        "updateSheetProperties": "SheetProperties",
        "updateDimensionProperties": "DimensionProperties",
        "updateNamedRange": "NamedRange",
        "updateProtectedRange": "ProtectedRange",
        "updateTable": "Table",
        "updateBanding": "BandedRange",
    }
    if kind not in parts:
        return []
    return _unknown(parse_mask(body["fields"]), {"$ref": parts[kind]}, "sheets.v4.json", kind)
