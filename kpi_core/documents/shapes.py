"""What a document must look like: small shapes that check a whole file and say everything that is wrong with it.

    check(document, Record({"company": Field(Text(), required=True), "goals": Field(ListOf(Record({...})))}))

The same shapes give JSON Schema for editors (`json_schema`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Protocol

from kpi_core.documents.yaml_file import Document, Steps
from kpi_core.errors import Problem, did_you_mean
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import LANGUAGES

Verdict = tuple[str, str] | None
"""What is wrong with a value and what to do about it; None when nothing is."""


@frozen
class Finding:
    """Something wrong at `path`; with `key`, the key itself is meant."""

    path: Steps
    message: str
    hint: str = ""
    key: bool = False


class Shape(Protocol):
    """What a value must look like. `says` completes "must be …"; `fits` asks only for the kind of value."""

    @property
    def says(self) -> str: ...

    def fits(self, value: object) -> bool: ...

    def findings(self, value: object, path: Steps) -> Iterator[Finding]: ...

    def json_schema(self) -> dict[str, object]: ...


def check(document: Document, shape: Shape) -> list[Problem]:
    """Everything in which the document differs from the shape, in the order of the file."""
    problems = [
        document.problem(finding.path, finding.message, finding.hint, key=finding.key)
        for finding in shape.findings(document.value, ())
    ]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _named(path: Steps) -> str:
    """The last key of a path, with the number of a list item counted from 1."""
    if not path:
        return "this file"
    last = path[-1]
    if isinstance(last, str):
        return last
    return f"{_named(path[:-1])}, item {last + 1}," if path[:-1] else f"item {last + 1}"


def _found(value: object) -> str:
    """A value as people wrote it, cut short; never more than its kind for lists and mappings."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _wrong_kind(shape: Shape, value: object, path: Steps) -> Finding:
    if value is None:
        return Finding(path, f"{_named(path)} is empty: it must be {shape.says}")
    hint = "Put it in quotes." if isinstance(shape, Text) and isinstance(value, bool | int | float | date) else ""
    return Finding(path, f"{_named(path)} must be {shape.says}, not {_found(value)}", hint)


@frozen
class Text:
    """A text that is not blank. `test` may judge it further."""

    test: Callable[[str], Verdict] | None = None
    says: str = "a text"

    def fits(self, value: object) -> bool:
        return isinstance(value, str)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield _wrong_kind(self, value, path)
        elif not value.strip():
            yield Finding(path, f"{_named(path)} is empty: it must be {self.says}")
        elif self.test and (verdict := self.test(value)):
            yield Finding(path, *verdict)

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "minLength": 1}


@frozen
class OneOf:
    """One of a few words."""

    values: tuple[str, ...]

    @property
    def says(self) -> str:
        return f"one of {', '.join(self.values)}" if len(self.values) > 1 else self.values[0]

    def fits(self, value: object) -> bool:
        return isinstance(value, str)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if value is None or isinstance(value, list | Mapping):
            yield _wrong_kind(self, value, path)
        elif value not in self.values:
            message = f"{_named(path).rstrip(',')}: {_found(value)} is not known"
            yield Finding(path, message, meant(str(value), self.values))

    def json_schema(self) -> dict[str, object]:
        return {"enum": list(self.values)}


def meant(word: str, words: tuple[str, ...]) -> str:
    """A hint for a word that is not known: the nearest ones, else all when they are few."""
    near = did_you_mean(word, words)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    # More than that is a list to look up, not a hint.
    return f"Use one of {', '.join(words)}." if 0 < len(words) <= 12 else ""


@frozen
class Number:
    """A number, whole with `whole`, from `least` to `most` where given."""

    whole: bool = False
    least: float | None = None
    most: float | None = None

    @property
    def says(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        if self.least is not None and self.most is not None:
            return f"{kind} from {self.least:g} to {self.most:g}"
        if self.least is not None:
            return f"{kind} of at least {self.least:g}"
        return f"{kind} of at most {self.most:g}" if self.most is not None else kind

    def fits(self, value: object) -> bool:
        # true is an int to Python, and no number to whoever writes a file.
        return isinstance(value, int if self.whole else int | float) and not isinstance(value, bool)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, int | float) or not self.fits(value) or not self._inside(value):
            yield _wrong_kind(self, value, path)

    def _inside(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def json_schema(self) -> dict[str, object]:
        limits = {"minimum": self.least, "maximum": self.most}
        kind: dict[str, object] = {"type": "integer" if self.whole else "number"}
        return kind | {name: limit for name, limit in limits.items() if limit is not None}


@frozen
class Boolean:
    """true or false."""

    says: str = "true or false"

    def fits(self, value: object) -> bool:
        return isinstance(value, bool)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, bool):
            yield _wrong_kind(self, value, path)

    def json_schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@frozen
class Day:
    """A date, written 2026-12-31."""

    says: str = "a date such as 2026-12-31"

    def fits(self, value: object) -> bool:
        return isinstance(value, date)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, date):
            yield _wrong_kind(self, value, path)

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date"}


@frozen
class Empty:
    """Nothing: a key without a value."""

    says: str = "empty"

    def fits(self, value: object) -> bool:
        return value is None

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if value is not None:
            yield _wrong_kind(self, value, path)

    def json_schema(self) -> dict[str, object]:
        return {"type": "null"}


@frozen
class ListOf:
    """A list whose items all have one shape."""

    item: Shape
    at_least: int = 0

    @property
    def says(self) -> str:
        return "a list"

    def fits(self, value: object) -> bool:
        return isinstance(value, list)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield _wrong_kind(self, value, path)
            return
        if len(value) < self.at_least:
            yield Finding(path, f"{_named(path)} needs at least {self.at_least} item{'s' if self.at_least > 1 else ''}")
        for number, item in enumerate(value):
            yield from self.item.findings(item, (*path, number))

    def json_schema(self) -> dict[str, object]:
        return {"type": "array", "items": self.item.json_schema(), "minItems": self.at_least}


@frozen
class MappingOf:
    """A mapping with free keys; each value has one shape, each key too."""

    value: Shape
    key: Shape = field(default_factory=Text)
    at_least: int = 0

    @property
    def says(self) -> str:
        return "a mapping"

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, Mapping):
            yield _wrong_kind(self, value, path)
            return
        if len(value) < self.at_least:
            yield Finding(path, f"{_named(path)} needs at least {self.at_least} key{'s' if self.at_least > 1 else ''}")
        for key, item in value.items():
            for finding in self.key.findings(key, (*path, key)):
                yield Finding(finding.path, finding.message, finding.hint, key=True)
            yield from self.value.findings(item, (*path, key))

    def json_schema(self) -> dict[str, object]:
        return {"type": "object", "additionalProperties": self.value.json_schema(), "minProperties": self.at_least}


@frozen
class Field:
    """One key of a Record. An optional key that is left empty counts as absent."""

    shape: Shape
    required: bool = False
    description: str = ""


@frozen
class Record:
    """A mapping with known keys; others are refused unless `open`."""

    fields: Mapping[str, Field]
    open: bool = False

    @property
    def says(self) -> str:
        return f"a mapping with {', '.join(list(self.fields)[:6])}{', …' if len(self.fields) > 6 else ''}"

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, Mapping):
            yield _wrong_kind(self, value, path)
            return
        for key, item in value.items():
            rule = self.fields.get(key)
            if rule is None:
                if not self.open:
                    yield Finding((*path, key), f"unknown key {key}", meant(key, tuple(self.fields)), key=True)
            elif item is not None or rule.required:
                yield from rule.shape.findings(item, (*path, key))
        missing = [name for name, rule in self.fields.items() if rule.required and name not in value]
        for name in missing:
            where = f" in {_named(path).rstrip(',')}" if path else ""
            yield Finding(path, f"{name} is missing{where}", f"Add {name}: {self.fields[name].shape.says}.")

    def json_schema(self) -> dict[str, object]:
        properties: dict[str, object] = {}
        for name, rule in self.fields.items():
            description: dict[str, object] = {"description": rule.description} if rule.description else {}
            properties[name] = rule.shape.json_schema() | description
        required = [name for name, rule in self.fields.items() if rule.required]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": self.open}


@frozen
class Tagged:
    """A mapping whose key `by` says which of the shapes it has, e.g. `type: csv`."""

    by: str
    shapes: Mapping[str, Record]

    @property
    def says(self) -> str:
        return f"a mapping with {self.by}: {', '.join(self.shapes)}"

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        if not isinstance(value, Mapping):
            yield _wrong_kind(self, value, path)
            return
        tag = value.get(self.by)
        if isinstance(tag, str) and tag in self.shapes:
            yield from self.shapes[tag].findings(value, path)
        elif self.by in value:
            yield from OneOf(tuple(self.shapes)).findings(tag, (*path, self.by))
        else:
            yield Finding(path, f"{self.by} is missing", f"Add {self.by}: {', '.join(self.shapes)}.")

    def json_schema(self) -> dict[str, object]:
        return {"oneOf": [self._tagged(tag).json_schema() for tag in self.shapes]}

    def _tagged(self, tag: str) -> Record:
        """The shape of one tag, with the key `by` held to it: else a value might have two of the shapes."""
        shape = self.shapes[tag]
        described = shape.fields[self.by].description if self.by in shape.fields else ""
        return Record({**shape.fields, self.by: Field(OneOf((tag,)), required=True, description=described)}, shape.open)


@frozen
class WithKey:
    """A mapping that has one of two shapes: `there` where it has the key `key`, else `absent`."""

    key: str
    there: Record
    absent: Record

    @property
    def says(self) -> str:
        return self.absent.says

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping)

    def of(self, value: object) -> Record:
        """The shape that a value is to have."""
        return self.there if isinstance(value, Mapping) and self.key in value else self.absent

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        yield from self.of(value).findings(value, path)

    def json_schema(self) -> dict[str, object]:
        return {"oneOf": [self.there.json_schema(), self.absent.json_schema()]}


@frozen
class AnyOf:
    """One of several shapes; the first that fits the kind of value judges it."""

    shapes: tuple[Shape, ...]

    @property
    def says(self) -> str:
        return " or ".join(shape.says for shape in self.shapes)

    def fits(self, value: object) -> bool:
        return any(shape.fits(value) for shape in self.shapes)

    def findings(self, value: object, path: Steps) -> Iterator[Finding]:
        fitting = next((shape for shape in self.shapes if shape.fits(value)), None)
        if fitting is None:
            yield _wrong_kind(self, value, path)
        else:
            yield from fitting.findings(value, path)

    def json_schema(self) -> dict[str, object]:
        return {"anyOf": [shape.json_schema() for shape in self.shapes]}


def names(*, required: bool = True) -> Record:
    """A text in each language: {en: …, ko: …, zh-TW: …}."""
    return Record({language: Field(Text(), required) for language in LANGUAGES})
