"""An Open Semantic Interchange file as definitions of ours: its datasets as tables, its metrics as KPIs.

A metric is SQL: aggregates of single datasets, and arithmetic over them. Each aggregate becomes a measure, so that a
sum of one table never meets rows of another: what joins rows before it adds them up is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kpi_core.documents.yaml_file import Document
from kpi_core.errors import Problem
from kpi_core.exchange.built_in import called, free_words, merged_model, takes_a_place
from kpi_core.exchange.carried import META, Carried, NotCarriedError, Written, items_of
from kpi_core.exchange.checked import only_sound
from kpi_core.exchange.dbt.arithmetic import formula_of_tree
from kpi_core.exchange.dbt.translation import kind_of
from kpi_core.exchange.osi.to_osi import DATATYPES, DIALECT
from kpi_core.metrics import LANGUAGES, ColumnType

if TYPE_CHECKING:
    from sqlglot import exp

_HINT = "It was left out; everything else is carried."
_TYPES: Mapping[str, ColumnType] = {name: kind for kind, name in DATATYPES.items()} | {
    "Float": "decimal",
    "DateTime": "timestamp",
}


@dataclass(slots=True)
class _Dataset:
    """A dataset, and the measures that metrics came to need of it."""

    written: Written
    fields: Mapping[str, Mapping[str, Any]]
    entities: dict[str, str] = field(default_factory=dict)
    looked_up: bool = False
    measures: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.written.value["name"])

    @property
    def table(self) -> str:
        return str(self.written.value.get("source") or self.name).rpartition(".")[2]

    @property
    def time(self) -> str:
        """The column that dates its rows: as an export of ours says, else the one time there is."""
        extra = _said(self.written.value).get("time")
        times = [name for name, item in self.fields.items() if _kind(item) in {"date", "timestamp"}]
        if extra is None and len(times) != 1:
            raise NotCarriedError(f"{self.name} has {len(times) or 'no'} times; which one dates a row is not said")
        return str(extra or times[0])


def from_osi(documents: Sequence[Document]) -> Carried:
    """What of the documents means the same here, as files by their name; what does not is refused, with its place."""
    files: dict[str, Mapping[str, Any]] = {}
    refused: list[Problem] = []
    places: dict[str, Written] = {}
    for document in documents:
        for number, _model in enumerate(items_of(document, "semantic_model")):
            try:
                _carry(document, number, files, refused, places)
            except KeyError as error:
                refused.append(document.problem(("semantic_model", number), f"a part has no {error.args[0]}", _HINT))
    sound, broken = only_sound(files, places)
    names = [name[8:-5] for name in sound if name.startswith("metrics/")]
    notes = tuple(f"{name} takes the place of the KPI that comes built in." for name in names if takes_a_place(name))
    return Carried(sound, (*refused, *broken), notes)


def _carry(
    document: Document,
    number: int,
    files: dict[str, Mapping[str, Any]],
    refused: list[Problem],
    places: dict[str, Written],
) -> None:
    """Carry one semantic model."""
    place = ("semantic_model", number)
    datasets = {
        str(item.value.get("name")): _Dataset(item, {str(f.value["name"]): f.value for f in _fields(document, item)})
        for item in items_of(document, *place, "datasets")
    }
    for item in items_of(document, *place, "relationships"):
        try:
            _relate(item.value, datasets)
        except NotCarriedError as error:
            refused.append(item.problem(f"{item.value.get('name')}: {error}", _HINT))
    for item in items_of(document, *place, "metrics"):
        name = str(item.value.get("name"))
        try:
            files[f"metrics/{called(name)}.yaml"] = _kpi(item.value, datasets)
            places[f"metrics/{called(name)}.yaml"] = item
        except NotCarriedError as error:
            refused.append(item.problem(f"{name}: {error}", _HINT))
    for dataset in datasets.values():
        if dataset.measures or dataset.looked_up:
            try:
                files[f"models/{dataset.table}.yaml"] = _table(dataset)
                places[f"models/{dataset.table}.yaml"] = dataset.written
            except NotCarriedError as error:
                refused.append(dataset.written.problem(f"{dataset.name}: {error}", _HINT))


def _fields(document: Document, dataset: Written) -> Iterable[Written]:
    return items_of(document, *dataset.place, "fields")


def _relate(relation: Mapping[str, Any], datasets: Mapping[str, _Dataset]) -> None:
    """A relationship: rows of one dataset belong to one row of another."""
    one, other = (datasets.get(str(relation.get(side))) for side in ("from", "to"))
    own, keys = (list(relation.get(side) or ()) for side in ("from_columns", "to_columns"))
    if one is None or other is None:
        raise NotCarriedError("it names a dataset that is not there")
    if len(own) != 1 or len(keys) != 1:
        raise NotCarriedError("a key of several columns; make one column of them")
    if list(other.written.value.get("primary_key") or keys) != keys:
        raise NotCarriedError(f"{keys[0]} does not name a row of {other.name}, so rows would count twice")
    one.entities[other.name] = str(own[0])
    other.looked_up = True


def _kpi(metric: Mapping[str, Any], datasets: Mapping[str, _Dataset]) -> dict[str, Any]:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    from kpi_core.sql.fragments import fragment

    sql = _sql(metric)
    try:
        tree = fragment(sql)
    except SqlglotError as error:
        raise NotCarriedError(f"{sql} cannot be read as SQL") from error
    inputs: dict[str, str] = {}

    def replaced(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.AggFunc | exp.WithinGroup | exp.Coalesce):
            return node
        name = f"n{len(inputs) + 1}"
        inputs[name] = _measured(node, str(metric["name"]), datasets)
        return exp.column(name)

    formula = formula_of_tree(tree.transform(replaced), {f"n{n}": f"n{n}" for n in range(1, 50)})
    return _definition(metric, formula, inputs)


def _measured(node: exp.Expr, metric: str, datasets: Mapping[str, _Dataset]) -> str:
    """An aggregate as a measure of the one dataset that it reads."""
    from sqlglot import exp

    without = "none"
    if isinstance(node, exp.Coalesce):
        if [item.sql() for item in node.expressions] != ["0"] or not isinstance(node.this, exp.Sum):
            raise NotCarriedError(f"{node.sql()} is no sum; only a sum without rows may be 0")
        node, without = node.this, "zero"
    owners = {column.table for column in node.find_all(exp.Column)}
    owners = owners or ({next(iter(datasets))} if len(datasets) == 1 else set())
    if len(owners) != 1 or (owner := next(iter(owners))) not in datasets:
        raise NotCarriedError(f"{node.sql()} reads rows of {len(owners)} datasets; a sum is one of a single one")
    dataset = datasets[owner]
    measure = _aggregate(node)
    if measure["agg"] in {"sum", "sum_boolean"} and without == "none":
        measure["without_values"] = "none"
    for name in (metric, *(f"{metric}_{number}" for number in range(2, 100))):
        if dataset.measures.setdefault(name, measure) == measure:
            return f"{dataset.table}.{name}"
    raise NotCarriedError("it has too many aggregates")


def _aggregate(node: exp.Expr) -> dict[str, Any]:
    from sqlglot import exp

    kinds: dict[type[exp.Expr], str] = {
        exp.Sum: "sum",
        exp.Min: "min",
        exp.Max: "max",
        exp.Avg: "average",
        exp.Median: "median",
    }
    value = node.this
    if type(node) in kinds:
        return {"agg": kinds[type(node)], "expr": _plain(value)}
    if isinstance(node, exp.Count) and isinstance(value, exp.Distinct) and len(value.expressions) == 1:
        return {"agg": "count_distinct", "expr": _plain(value.expressions[0])}
    if isinstance(node, exp.Count) and not isinstance(value, exp.Distinct):
        return {"agg": "count", "expr": "1" if isinstance(value, exp.Star) else _plain(value)}
    if isinstance(node, exp.WithinGroup) and isinstance(value, exp.PercentileCont | exp.PercentileDisc):
        ordered = node.expression.expressions[0]
        if ordered.args.get("desc"):
            raise NotCarriedError("a percentile counts from the lowest value")
        params: dict[str, Any] = {"percentile": float(value.this.sql())}
        if isinstance(value, exp.PercentileDisc):
            params["use_discrete_percentile"] = True
        return {"agg": "percentile", "expr": _plain(ordered.this), "agg_params": params}
    raise NotCarriedError(f"{node.sql()} is none of the aggregates that are carried")


def _plain(node: exp.Expr) -> str:
    """SQL over the columns of one table, without its name. NotCarriedError for a window or a query inside."""
    from sqlglot import exp

    if node.find(exp.Window, exp.Query, exp.AggFunc):
        raise NotCarriedError(f"{node.sql()} reads several rows for one")
    bare = node.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    return bare.sql(dialect="duckdb")


def _table(dataset: _Dataset) -> dict[str, Any]:
    """A dataset as facts, as a list, or as both."""
    columns: dict[str, Any] = {}
    computed: dict[str, str] = {}
    for name, item in dataset.fields.items():
        sql = _sql(item)
        if sql == name:
            columns[name] = {"type": _kind(item)}
        else:
            computed[name] = sql
    splits = [name for name, item in dataset.fields.items() if _splits(item)]
    keys = [str(key) for key in dataset.written.value.get("primary_key") or ()]
    definition: dict[str, Any] = {
        "model": dataset.table,
        "description": str(dataset.written.value.get("description") or f"One row of {dataset.table}."),
    }
    if dataset.looked_up:
        definition["primary_entity"] = dataset.name
    definition["key"] = keys
    if dataset.measures:
        extra = {key: value for key, value in _said(dataset.written.value).items() if key != "time"}
        definition |= {"time": dataset.time, **extra}
    definition |= {"columns": columns} | ({"computed": computed} if computed else {})
    definition |= {"entities": dataset.entities} if dataset.entities else {}
    definition |= {"dimensions": splits}
    return merged_model(definition | {"measures": dataset.measures}) if dataset.measures else definition


def _splits(item: Mapping[str, Any]) -> bool:
    dimension = item.get("dimension")
    return isinstance(dimension, Mapping) and _kind(item) not in {"date", "timestamp"}


def _kind(item: Mapping[str, Any]) -> ColumnType:
    """The type of a field; one that says none is a date where it is a time, else a text."""
    written = item.get("datatype")
    if isinstance(written, str) and written in _TYPES:
        return _TYPES[written]
    dimension = item.get("dimension")
    return "date" if isinstance(dimension, Mapping) and dimension.get("is_time") else "text"


def _sql(item: Mapping[str, Any]) -> str:
    """The expression of a field or metric, in standard SQL where there are several."""
    written = item.get("expression")
    dialects = written.get("dialects") if isinstance(written, Mapping) else written
    result = [one for one in dialects or () if isinstance(one, Mapping)] if not isinstance(dialects, str) else []
    chosen = next((one for one in result if one.get("dialect", DIALECT) == DIALECT), None)
    if chosen is None:
        raise NotCarriedError("it has no expression in ANSI_SQL")
    return str(chosen.get("expression"))


def _said(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an export of ours has added."""
    for extension in item.get("custom_extensions") or ():
        if isinstance(extension, Mapping) and extension.get("vendor_name") == META.upper():
            try:
                result = json.loads(str(extension.get("data")))
            except ValueError:
                return {}
            return result if isinstance(result, dict) else {}
    return {}


def _definition(metric: Mapping[str, Any], formula: str, inputs: Mapping[str, str]) -> dict[str, Any]:
    name = called(str(metric["name"]))
    words = free_words(str(metric["name"]).replace("_", " "), name)
    kind = kind_of(formula, {key: {} for key in inputs})
    plain = {
        "id": name,
        "names": dict.fromkeys(LANGUAGES, words),
        "description": dict.fromkeys(LANGUAGES, str(metric.get("description") or words).strip()),
        "type": kind,
        "formula": formula,
        "inputs": dict(inputs),
        "unit": "ratio" if kind == "ratio" else "count",
        "direction": "neutral",
        "stage": "all",
        "cadence": "monthly",
        "indicator": "lagging",
        "audiences": [],
        "reading": {"en": f"As the file defines {metric['name']}."},
    }
    return plain | dict(_said(metric))
