"""A KPI's definition as JSON: what `kpi explain --json` prints."""

from __future__ import annotations

from dataclasses import asdict

from kpi_core.answering.layout import dimensions_of, models_of
from kpi_core.answers import Definition
from kpi_core.formats.benchmarks import benchmark_json
from kpi_core.metrics import Catalog, Metric, WorkedExample, localized

Json = dict[str, object]


def definition_json(metric: Metric, catalog: Catalog, definition: Definition) -> Json:
    """Everything the definition says, with the tables it reads, the splits they allow and the SQL of its receipt."""
    return {
        "id": metric.id,
        "names": dict(metric.names),
        "aliases": list(metric.aliases),
        "description": dict(metric.description),
        "type": metric.type,
        "formula": metric.formula,
        "inputs": {metric_input.name: metric_input.expression for metric_input in metric.inputs.values()},
        "reading": localized(metric.reading, "en"),
        "variants": [_variant(catalog, name) for name in metric.variants],
        "unit": metric.unit,
        "direction": metric.direction,
        "stage": metric.stage,
        "cadence": metric.cadence,
        "indicator": metric.indicator,
        "vanity": metric.vanity,
        "audiences": list(metric.audiences),
        "benchmark": benchmark_json(metric),
        "benchmarks": [
            asdict(benchmark) | {"text": localized(benchmark.text, "en")} for benchmark in metric.benchmarks
        ],
        "playbook": dict(metric.playbook),
        "traps": [localized(trap, "en") for trap in metric.traps],
        "disputes": [localized(dispute, "en") for dispute in metric.disputes],
        "tables": list(models_of(metric, catalog)),
        "dimensions": list(dimensions_of(metric, catalog)),
        "worked_examples": [_example(example) for example in metric.examples],
        "definition": {"formula": definition.formula, "version": definition.version, "sql": list(definition.sql)},
    }


def _variant(catalog: Catalog, name: str) -> Json:
    variant = catalog.metrics[name]
    reading = localized(variant.reading, "en")
    return {"id": variant.id, "names": dict(variant.names), "formula": variant.formula, "reading": reading}


def _example(example: WorkedExample) -> Json:
    tables = {name: [_row(row) for row in rows] for name, rows in example.tables.items()}
    return {"says": example.says, "ask": example.ask, "value": example.value, "tables": tables}


def _row(row: object) -> Json:
    assert isinstance(row, dict)
    return {
        name: value if isinstance(value, str | int | float | bool | None) else str(value) for name, value in row.items()
    }
