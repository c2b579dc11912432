"""Reads definitions into a Catalog: every problem of every file at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from kpi_core.catalog import form
from kpi_core.catalog.rules import broken_rules
from kpi_core.documents.shapes import check
from kpi_core.documents.yaml_file import Document, read_document
from kpi_core.errors import Problem, SettingsError
from kpi_core.metrics import (
    Benchmark,
    Catalog,
    Column,
    Dimension,
    Having,
    Input,
    LocalizedText,
    Matures,
    Measure,
    Metric,
    MetricFilter,
    Model,
    Validity,
    WorkedExample,
)

BUILT_IN = Path(str(files("kpi_core") / "catalog"))
DIMENSIONS = "dimensions.yaml"


def read_catalog(folders: tuple[Path, ...]) -> Catalog:
    """The built-in definitions with those of `folders` over them; SettingsError lists all that is wrong."""
    problems: list[Problem] = []
    own = read_all(folders, problems)
    documents = [*read_all([BUILT_IN / "models", BUILT_IN / "metrics"], problems), *own]
    models, metrics = sorted_out(documents, problems)
    dimensions = dimensions_of(documents, problems)
    if problems:
        raise SettingsError(problems, code="definitions")
    catalog = Catalog(
        metrics={metric.id: metric for document in metrics.values() for metric in metrics_of(document)},
        models={name: model_of(document) for name, document in models.items()},
        dimensions=dimensions,
    )
    problems = broken_rules(catalog, metrics, models, own_ids(own))
    if problems:
        raise SettingsError(problems, code="definitions")
    return catalog


def read_all(folders: Iterable[Path], problems: list[Problem]) -> list[Document]:
    documents = []
    for folder in folders:
        if not folder.is_dir():
            hint = "Make it, or take it out of catalog: in kpi.yaml."
            problems.append(Problem(str(folder), 0, 0, "there is no such folder of definitions", hint))
        for path in sorted(folder.rglob("*.yaml")):
            name = str(path.relative_to(BUILT_IN if path.is_relative_to(BUILT_IN) else folder.parent))
            try:
                documents.append(read_document(path, name=name))
            except SettingsError as error:
                problems.extend(error.problems)
    return documents


def sorted_out(
    documents: Sequence[Document], problems: list[Problem]
) -> tuple[dict[str, Document], dict[str, Document]]:
    """Models and metrics by their id, a later file in place of an earlier one; ill-formed ones become problems."""
    models: dict[str, Document] = {}
    metrics: dict[str, Document] = {}
    for document in documents:
        if _is_dimensions(document):
            continue
        is_model = isinstance(document.value, Mapping) and "model" in document.value
        found = check(document, form.MODEL if is_model else form.METRIC)
        if found:
            problems.extend(found)
        elif isinstance(document.value, Mapping):
            kept, name = (models, document.value["model"]) if is_model else (metrics, document.value["id"])
            kept[name] = document
    return models, metrics


def own_ids(documents: Iterable[Document]) -> frozenset[str]:
    """The KPIs and models that some files define, as far as they say so."""
    given = (each.value for each in documents if isinstance(each.value, Mapping))
    found = (each.get("model") or each.get("id") for each in given)
    return frozenset(each for each in found if isinstance(each, str))


def dimensions_of(documents: Sequence[Document], problems: list[Problem]) -> dict[str, Dimension]:
    """The built-in dimensions and those that a file of that name in a folder of one's own adds or renames."""
    found: dict[str, Dimension] = {}
    built_in = read_document(BUILT_IN / DIMENSIONS, name=DIMENSIONS)
    for document in (built_in, *(each for each in documents if _is_dimensions(each))):
        wrong = check(document, form.DIMENSIONS)
        problems.extend(wrong)
        if isinstance(document.value, Mapping) and not wrong:
            found |= {
                key: Dimension(key, each["names"], tuple(each.get("aliases") or ()))
                for key, each in document.value.items()
            }
    return found


def _is_dimensions(document: Document) -> bool:
    return Path(document.file).name == DIMENSIONS


def model_of(document: Document) -> Model:
    found = document.value
    assert isinstance(found, Mapping)
    return Model(
        name=found["model"],
        description=found["description"],
        columns={name: Column(name, **column) for name, column in found["columns"].items()},
        key=tuple(found.get("key") or ()),
        time=found["time"],
        times=found.get("times") or {},
        dimensions=tuple(found["dimensions"]),
        measures={name: _measure(name, each) for name, each in found["measures"].items()},
        entities=found.get("entities") or {},
        computed=found.get("computed") or {},
        sparse=bool(found.get("sparse")),
        lumpy=bool(found.get("lumpy")),
        valid=Validity(**found["valid"]) if found.get("valid") else None,
        relation=found.get("relation"),
        reads=tuple(found.get("reads") or ()),
        file=document.file,
    )


def _measure(name: str, found: Mapping[str, Any]) -> Measure:
    having, last_per, matures = found.get("having"), found.get("last_per"), found.get("matures")
    return Measure(
        name=name,
        agg=found["agg"],
        expr=found.get("expr"),
        filter=found.get("filter"),
        time=found.get("time"),
        having=Having(having["per"], int(having["at_least"])) if having else None,
        last_per=None if last_per is None else tuple(last_per),
        at=found.get("at"),
        spread=bool(found.get("spread")),
        matures=Matures(**matures) if matures else None,
        without_values=found.get("without_values") or "zero",
        description=found.get("description") or "",
    )


def metrics_of(document: Document) -> Iterable[Metric]:
    """The KPI of a file, then its variants."""
    found = document.value
    assert isinstance(found, Mapping)
    variants = found.get("variants") or {}
    plain = Metric(
        id=found["id"],
        names=found["names"],
        aliases=(*(found.get("aliases") or ()), *(found.get("shared_aliases") or ())),
        description=found["description"],
        type=found["type"],
        formula=found["formula"],
        inputs={name: _input(name, each) for name, each in found["inputs"].items()},
        unit=found["unit"],
        direction=found["direction"],
        stage=found["stage"],
        cadence=found["cadence"],
        indicator=found["indicator"],
        vanity=bool(found.get("vanity")),
        audiences=tuple(found.get("audiences") or ()),
        reading=_said(found["reading"]),
        variants=tuple(f"{found['id']}@{name}" for name in variants),
        benchmarks=tuple(Benchmark(**each | {"text": _said(each["text"])}) for each in found.get("benchmarks") or ()),
        playbook=found.get("playbook") or {},
        traps=tuple(map(_said, found.get("traps") or ())),
        disputes=tuple(map(_said, found.get("disputes") or ())),
        duration_unit=found.get("duration_unit"),
        split=tuple(found.get("split") or ()),
        fallback=found.get("fallback"),
        examples=_examples(found),
        file=document.file,
    )
    yield plain
    for name, each in variants.items():
        yield _variant(plain, name, each)


def _variant(plain: Metric, name: str, found: Mapping[str, Any]) -> Metric:
    from dataclasses import replace

    label = found["label"]
    inputs = {key: _input(key, each, plain.inputs.get(key)) for key, each in (found.get("inputs") or {}).items()}
    formula = found.get("formula") or plain.formula
    unit = found.get("unit") or plain.unit
    # A variant with a formula of its own may leave inputs of the plain one unused.
    kept = {key: each for key, each in plain.inputs.items() if not found.get("formula") or key in formula}
    return replace(
        plain,
        id=f"{plain.id}@{name}",
        names={language: f"{plain.names[language]} ({label[language]})" for language in plain.names},
        aliases=(),
        type=found.get("type") or plain.type,
        formula=formula,
        inputs=kept | inputs,
        unit=unit,
        duration_unit=found.get("duration_unit") or (plain.duration_unit if unit == "duration" else None),
        direction=found.get("direction") or plain.direction,
        reading=_said(found["reading"]),
        variant_of=plain.id,
        variants=(),
        fallback=None,
        benchmarks=(),
        examples=_examples(found),
    )


def _input(name: str, found: str | Mapping[str, Any], inherited: Input | None = None) -> Input:
    """An input as text or as a mapping; a variant's takes words and unit from the plain KPI's where it gives none."""
    given: Mapping[str, Any] = {"is": found} if isinstance(found, str) else found
    above_zero = given.get("above_zero")
    return Input(
        name=name,
        expression=given["is"],
        names=given.get("names") or (inherited.names if inherited else {}),
        unit=given.get("unit") or (inherited.unit if inherited else "count"),
        where=MetricFilter(above_zero, given.get("by") or "") if above_zero else None,
        offset=given.get("offset"),
        trailing_months=given.get("trailing_months"),
    )


def _said(found: str | LocalizedText) -> LocalizedText:
    """A sentence as plain text is English."""
    given = {"en": found} if isinstance(found, str) else found
    return {language: text for language, text in given.items() if text}


def _examples(found: Mapping[str, Any]) -> tuple[WorkedExample, ...]:
    return tuple(
        WorkedExample(
            tables={table: tuple(rows) for table, rows in each["tables"].items()},
            ask=each["ask"],
            value=each["value"],
            parts=each.get("parts") or {},
            says=each.get("says") or "",
            goals=tuple(each.get("goals") or ()),
        )
        for each in found.get("worked_example") or ()
    )
