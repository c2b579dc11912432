"""Checks calls against Google's own description of its APIs, which google-api-python-client ships."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import googleapiclient

from sheets_sync.sandbox.masks import Mask, parse_mask
from sheets_sync.sandbox.server import LoggedRequest

Json = dict[str, Any]
FOLDER = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
APIS = {"/v4/": ("sheets.v4.json", "/"), "/drive/v3/": ("drive.v3.json", "/drive/v3/")}
NUMBERS = (int, float)
GSPREADS_OWN = frozenset(["request.withLink", "includeItemsFromAllDrives"])
"""What gspread sends although Google does not describe it there."""


@functools.cache
def document(name: str) -> Json:
    return json.loads((FOLDER / name).read_text("utf-8"))


@functools.cache
def methods(name: str) -> list[tuple[str, re.Pattern[str], Json]]:
    """Each method with its verb and the shape of its path."""

    def walk(part: Json) -> list[Json]:
        below = [found for resource in part.get("resources", {}).values() for found in walk(resource)]
        return [*part.get("methods", {}).values(), *below]

    found = []
    for method in walk(document(name)):
        path = re.escape(method.get("flatPath") or method["path"]).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.sub(r"{[^}]+}", "[^/:]+", path.replace("{range}", "[^/]+?"))
        found.append((method["httpMethod"], re.compile(pattern + "$"), method))
    return found


def problems_of(call: LoggedRequest) -> list[str]:
    """What Google's description does not know about a call that was answered with 2xx."""
    for prefix, (name, base) in APIS.items():
        if call.path.startswith(prefix):
            return _problems(call, name, call.path.removeprefix(base))
    return []


def _problems(call: LoggedRequest, name: str, path: str) -> list[str]:
    found = [method for verb, shape, method in methods(name) if verb == call.method and shape.match(path)]
    if not found:
        return [f"no method {call.method} {path}"]
    method, whole = found[0], document(name)
    known = {**method.get("parameters", {}), **whole.get("parameters", {})}
    wrong = [f"unknown parameter {each}" for each in call.query if each not in known and each not in GSPREADS_OWN]
    wrong += [
        f"{parameter}: {value} is none of {known[parameter]['enum']}"
        for parameter, values in call.query.items()
        for value in values
        if parameter in known and "enum" in known[parameter] and value not in known[parameter]["enum"]
    ]
    if "request" in method:
        found_wrong = wrong_in(call.body, method["request"], name, "request")
        wrong += [problem for problem in found_wrong if problem.split()[0] not in GSPREADS_OWN]
    if "response" in method and isinstance(call.answer, dict):
        wrong += wrong_in(call.answer, method["response"], name, "response")
        wrong += [
            problem for text in call.query.get("fields", []) for problem in unknown_in(parse_mask(text), method, name)
        ]
    return wrong


def unknown_in(mask: Mask, method: Json, name: str) -> list[str]:
    return _unknown(mask, method["response"], name, "fields")


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
    schema = _resolved(schema, name)
    kind = schema.get("type")
    if kind == "object":
        return _wrong_object(value, schema, name, path)
    if kind == "array":
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [wrong for item in value for wrong in wrong_in(item, schema["items"], name, f"{path}[]")]
    tests = {
        "string": lambda: isinstance(value, str) and value in schema.get("enum", [value]),
        "boolean": lambda: isinstance(value, bool),
        "integer": lambda: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda: isinstance(value, NUMBERS) and not isinstance(value, bool),
        "any": lambda: True,
    }
    return [] if tests[kind]() else [f"{path}: {value!r} is no {kind}"]


def _wrong_object(value: Any, schema: Json, name: str, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    properties, more = schema.get("properties", {}), schema.get("additionalProperties")
    wrong = []
    for field, item in value.items():
        below = properties.get(field, more)
        wrong += wrong_in(item, below, name, f"{path}.{field}") if below else [f"{path}.{field} does not exist"]
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
