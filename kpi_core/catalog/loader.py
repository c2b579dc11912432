"""Reads definitions into a Catalog: every problem of every file at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kpi_core.catalog import form
from kpi_core.catalog.lengths_of_time import trailing_of, window_of
from kpi_core.catalog.local import localised
from kpi_core.catalog.lookups import names_of, with_lookups
from kpi_core.catalog.rules import broken_rules
from kpi_core.catalog.time_types import times_of_dates
from kpi_core.documents.shapes import Record, check
from kpi_core.documents.yaml_file import Document, read_document
from kpi_core.errors import Problem, SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import (
    CARRIED_DAYS,
    LANGUAGES,
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
    NonAdditive,
    Percentile,
    Taken,
    Validity,
    WorkedExample,
)
from kpi_core.sql.reads import reads_of

BUILT_IN = Path(str(files("kpi_core") / "catalog"))
DIMENSIONS = "dimensions.yaml"


def read_catalog(folders: tuple[Path, ...]) -> Catalog:
    """The built-in definitions with those of `folders` over them; SettingsError lists all that is wrong."""
    shipped = built_in()
    problems: list[Problem] = [*shipped.problems]
    own = read_all(folders, problems)
    own_models, own_metrics = sorted_out(own, problems)
    # The team's files last: one with a known id takes the place of the built-in one.
    models, metrics = {**shipped.models, **own_models}, {**shipped.metrics, **own_metrics}
    dimensions = dimensions_of(own, problems)
    if problems:
        raise SettingsError(problems, code="definitions")
    read_models = {name: _with_words(model_of(document), dimensions) for name, document in models.items()}
    catalog = Catalog(
        metrics={metric.id: metric for document in metrics.values() for metric in metrics_of(document)},
        models=read_models,
        dimensions=with_plain_names(dimensions, read_models.values()),
    )
    # Only now: rules ask about other definitions, and an ill-formed one would make its neighbours look wrong.
    problems = broken_rules(catalog, metrics, models, own_ids(own))
    if problems:
        raise SettingsError(problems, code="definitions")
    return _with_reads(looking_up(catalog))


@frozen
class Definitions:
    """Well-formed documents by their id, and what is wrong with others."""

    models: Mapping[str, Document]
    metrics: Mapping[str, Document]
    problems: tuple[Problem, ...]


@cache
def built_in() -> Definitions:
    """The files that come with the product: they do not change while it runs, so a process reads them once."""
    problems: list[Problem] = []
    documents = read_all([BUILT_IN / "models", BUILT_IN / "metrics"], problems)
    return Definitions(*sorted_out(documents, problems), tuple(problems))


def looking_up(catalog: Catalog) -> Catalog:
    """The catalogue whose models have the dimensions of its look-ups."""
    models = with_lookups(catalog.models)
    return replace(catalog, models=models, dimensions={**catalog.dimensions, **names_of(models, catalog.dimensions)})


def _with_words(model: Model, dimensions: Mapping[str, Dimension]) -> Model:
    """The model whose columns know the words of their dimension."""
    columns = {
        name: replace(column, words=dimensions[name].words, other_words=True)
        if name in model.dimensions and name in dimensions and dimensions[name].words and not column.words
        else column
        for name, column in model.columns.items()
    }
    return replace(model, columns=columns)


def _with_reads(catalog: Catalog) -> Catalog:
    """The catalogue whose measures say which columns they rest on; worked out here, where the result is cached."""
    plain = localised(catalog, "UTC", {}).models

    def filled(model: Model) -> Model:
        dates = times_of_dates(plain[model.name])
        measures = {
            name: replace(measure, reads=reads_of(plain[model.name], measure, plain))
            for name, measure in model.measures.items()
        }
        return replace(model, measures=measures, times_of_dates=dates)

    return replace(catalog, models={name: filled(model) for name, model in catalog.models.items()})


def read_all(folders: Iterable[Path], problems: list[Problem]) -> list[Document]:
    """Every document that is YAML, by folder and path; missing folders and unreadable files are added to `problems`."""
    documents = []
    for folder in folders:
        if not folder.is_dir():
            hint = "Make it, or take it out of catalog: in kpi.yaml."
            problems.append(Problem(str(folder), 0, 0, "there is no such folder of definitions", hint))
        for path in sorted(folder.rglob("*.yaml")):
            # A built-in file is named from the package, another one from its folder, as people see it in
            # their own tree.
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
        ill_formed = check(document, _form_of(document) if is_model else form.METRIC)
        if ill_formed:
            problems.extend(ill_formed)
        elif isinstance(document.value, Mapping):
            definitions, name = (models, document.value["model"]) if is_model else (metrics, document.value["id"])
            definitions[name] = document
    return models, metrics


def _form_of(document: Document) -> Record:
    """Facts or a look-up."""
    value = document.value
    is_lookup = isinstance(value, Mapping) and "primary_entity" in value and not {"time", "measures"} & value.keys()
    return form.LOOKUP if is_lookup else form.MODEL


def own_ids(documents: Iterable[Document]) -> frozenset[str]:
    """The KPIs that some files define, as far as they say so; a model may be called like a KPI."""
    mappings = (document.value for document in documents if isinstance(document.value, Mapping))
    names = (mapping.get("id") for mapping in mappings if "model" not in mapping)
    return frozenset(name for name in names if isinstance(name, str))


def dimensions_of(documents: Sequence[Document], problems: list[Problem]) -> dict[str, Dimension]:
    """The built-in dimensions and those that a file of that name in a folder of one's own adds or renames."""
    dimensions: dict[str, Dimension] = {}
    built_in = read_document(BUILT_IN / DIMENSIONS, name=DIMENSIONS)
    for document in (built_in, *(own for own in documents if _is_dimensions(own))):
        wrong = check(document, form.DIMENSIONS)
        problems.extend(wrong)
        if isinstance(document.value, Mapping) and not wrong:
            dimensions |= {
                key: Dimension(key, dimension["names"], tuple(dimension.get("aliases") or ()), _words(dimension))
                for key, dimension in document.value.items()
            }
    return dimensions


def with_plain_names(dimensions: Mapping[str, Dimension], models: Iterable[Model]) -> dict[str, Dimension]:
    """The dimensions with those of models that no file names: they are called as their columns are."""
    columns = [name for model in models for name in model.dimensions]
    unnamed = [name for name in dict.fromkeys(columns) if name not in dimensions]
    return {
        **dimensions,
        **{name: Dimension(name, dict.fromkeys(LANGUAGES, name.replace("_", " "))) for name in unnamed},
    }


def _is_dimensions(document: Document) -> bool:
    return Path(document.file).name == DIMENSIONS


def model_of(document: Document) -> Model:
    definition = document.value
    assert isinstance(definition, Mapping)
    return Model(
        name=definition["model"],
        description=definition["description"],
        columns={name: _column(name, column) for name, column in definition["columns"].items()},
        key=tuple(definition.get("key") or ()),
        time=definition.get("time") or "",
        times=definition.get("times") or {},
        dimensions=tuple(definition["dimensions"]),
        measures={name: _measure(name, measure) for name, measure in (definition.get("measures") or {}).items()},
        entities=definition.get("entities") or {},
        primary_entity=definition.get("primary_entity") or "",
        computed=definition.get("computed") or {},
        sparse=bool(definition.get("sparse")),
        plan=bool(definition.get("plan")),
        lumpy=bool(definition.get("lumpy")),
        valid=Validity(**{"entity": (definition.get("key") or [""])[0]} | definition["valid"])
        if definition.get("valid")
        else None,
        relation=definition.get("relation"),
        reads=tuple(definition.get("reads") or ()),
        may_lack=tuple(definition.get("may_lack") or ()),
        members=tuple(definition.get("members") or ()),
        entered_by=definition.get("entered_by") or "",
        file=document.file,
    )


def _column(name: str, definition: Mapping[str, Any]) -> Column:
    return Column(name, **{**definition, "words": _words(definition)})


def _words(definition: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(written or ()) for word, written in (definition.get("words") or {}).items()}


def _measure(name: str, definition: Mapping[str, Any]) -> Measure:
    having, last_per, matures = definition.get("having"), definition.get("last_per"), definition.get("matures")
    reveals = definition.get("reveals")
    return Measure(
        name=name,
        agg=definition["agg"],
        expr=definition.get("expr"),
        filter=definition.get("filter"),
        time=definition.get("time"),
        agg_params=Percentile(**definition["agg_params"]) if definition.get("agg_params") else None,
        having=Having(having["per"], int(having["at_least"])) if having else None,
        last_per=None if last_per is None else tuple(last_per),
        carried_days=definition.get("carried_days", None if last_per is None else CARRIED_DAYS),
        non_additive_dimension=_non_additive(definition.get("non_additive_dimension")),
        at=definition.get("at"),
        spread=bool(definition.get("spread")),
        ahead=bool(definition.get("ahead")),
        matures=Matures(**matures) if matures else None,
        without_values=definition.get("without_values") or "zero",
        needs=tuple(definition.get("needs") or ()),
        description=definition.get("description") or "",
        reveals=None if reveals is None else tuple(reveals),
    )


def _non_additive(definition: Mapping[str, Any] | None) -> NonAdditive | None:
    if definition is None:
        return None
    return NonAdditive(definition.get("window_choice") or "max", tuple(definition.get("window_groupings") or ()))


def metrics_of(document: Document) -> Iterable[Metric]:
    """The KPI of a file, then its variants."""
    definition = document.value
    assert isinstance(definition, Mapping)
    variants = definition.get("variants") or {}
    plain = Metric(
        id=definition["id"],
        names=definition["names"],
        aliases=(*(definition.get("aliases") or ()), *(definition.get("shared_aliases") or ())),
        description=definition["description"],
        type=definition["type"],
        formula=definition["formula"],
        inputs={name: _input(name, entry) for name, entry in definition["inputs"].items()},
        unit=definition["unit"],
        direction=definition["direction"],
        stage=definition["stage"],
        cadence=definition["cadence"],
        indicator=definition["indicator"],
        vanity=bool(definition.get("vanity")),
        audiences=tuple(definition.get("audiences") or ()),
        reading=_localized_text(definition["reading"]),
        variants=tuple(f"{definition['id']}@{name}" for name in variants),
        benchmarks=tuple(
            Benchmark(**benchmark | {"text": _localized_text(benchmark["text"])})
            for benchmark in definition.get("benchmarks") or ()
        ),
        playbook=definition.get("playbook") or {},
        traps=tuple(map(_localized_text, definition.get("traps") or ())),
        disputes=tuple(map(_localized_text, definition.get("disputes") or ())),
        duration_unit=definition.get("duration_unit"),
        ratio_of=definition.get("ratio_of"),
        percent_in=tuple(definition.get("percent_in") or ()),
        split=tuple(definition.get("split") or ()),
        fallback=definition.get("fallback"),
        examples=_examples(definition),
        file=document.file,
    )
    yield plain
    for name, variant in variants.items():
        yield _variant(plain, name, variant)


def _variant(plain: Metric, name: str, definition: Mapping[str, Any]) -> Metric:
    from dataclasses import replace

    label = definition["label"]
    inputs = {key: _input(key, entry, plain.inputs.get(key)) for key, entry in (definition.get("inputs") or {}).items()}
    formula = definition.get("formula") or plain.formula
    unit = definition.get("unit") or plain.unit
    # A variant with a formula of its own may leave inputs of the plain one unused.
    inherited = {
        key: plain_input for key, plain_input in plain.inputs.items() if not definition.get("formula") or key in formula
    }
    return replace(
        plain,
        id=f"{plain.id}@{name}",
        names={language: f"{plain.names[language]} ({label[language]})" for language in plain.names},
        aliases=(),
        type=definition.get("type") or plain.type,
        formula=formula,
        inputs=inherited | inputs,
        unit=unit,
        duration_unit=definition.get("duration_unit") or (plain.duration_unit if unit == "duration" else None),
        direction=definition.get("direction") or plain.direction,
        reading=_localized_text(definition["reading"]),
        variant_of=plain.id,
        variants=(),
        fallback=None,
        # A benchmark is about the plain reading: beside another formula it would mislead.
        benchmarks=(),
        examples=_examples(definition),
    )


def _input(name: str, definition: str | Mapping[str, Any], inherited: Input | None = None) -> Input:
    """An input as text or as a mapping; a variant's takes words and unit from the plain KPI's where it gives none."""
    fields: Mapping[str, Any] = {"is": definition} if isinstance(definition, str) else definition
    return Input(
        name=name,
        expression=fields["is"],
        names=fields.get("names") or (inherited.names if inherited else {}),
        unit=fields.get("unit") or (inherited.unit if inherited else "count"),
        where=_where(fields),
        offset=fields.get("offset"),
        trailing_months=fields.get("trailing_months"),
        taken=_taken(fields),
        fill_nulls_with=fields.get("fill_nulls_with"),
    )


def _where(fields: Mapping[str, Any]) -> MetricFilter | None:
    where, above_zero, by = fields.get("where"), fields.get("above_zero"), fields.get("by") or ""
    if where:
        return MetricFilter(by=by, lenient=bool(above_zero), **where)
    return MetricFilter(above_zero, by, above=0.0, lenient=True) if above_zero else None


def _taken(fields: Mapping[str, Any]) -> Taken | None:
    if not any(fields.get(field.name) for field in dataclass_fields(Taken)):
        return None
    return Taken(
        offset_window=window_of(fields.get("offset_window") or ""),
        offset_to_grain=fields.get("offset_to_grain"),
        period_agg=fields.get("period_agg") or "last",
        window=trailing_of(fields.get("window") or ""),
        grain_to_date=fields.get("grain_to_date"),
    )


def _localized_text(sentence: str | LocalizedText) -> LocalizedText:
    """A sentence as plain text is English."""
    texts = {"en": sentence} if isinstance(sentence, str) else sentence
    return {language: text for language, text in texts.items() if text}


def _examples(definition: Mapping[str, Any]) -> tuple[WorkedExample, ...]:
    return tuple(
        WorkedExample(
            tables={table: tuple(rows) for table, rows in example["tables"].items()},
            ask=example["ask"],
            value=example["value"],
            parts=example.get("parts") or {},
            says=example.get("says") or "",
            goals=tuple(example.get("goals") or ()),
        )
        for example in definition.get("worked_example") or ()
    )
