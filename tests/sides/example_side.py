"""Worked examples on a database: how they are asked there, and what does not come out as they say."""

from __future__ import annotations

import pytest

from kpi_core.answers import Answer
from kpi_core.metrics import Metric, WorkedExample
from kpi_core.questions.vocabulary import build_vocabulary

from tables import CATALOG


def _values(dimension: str) -> tuple[str, ...]:
    """Every value that a dimension has in any worked example."""
    examples = [example for metric in CATALOG.metrics.values() for example in metric.examples]
    rows = [row for example in examples for table in example.tables.values() for row in table]
    return tuple(sorted({str(row[dimension]) for row in rows if row.get(dimension) is not None}))


VOCABULARY = build_vocabulary(CATALOG, _values)


def has_instants(example: WorkedExample) -> bool:
    columns = [column for table in example.tables for column in CATALOG.models[table].columns.values()]
    return any(column.type == "timestamp" for column in columns)


def differences(metric: Metric, example: WorkedExample, answer: Answer) -> list[str]:
    """Where an answer is not what the example says."""
    found = {"": answer.value, **{name: answer.parts[name] for name in example.parts}}
    expected = {"": example.value, **example.parts}
    return [
        f"{metric.id} {name}: {found[name]}, not {value}"
        for name, value in expected.items()
        if found[name] != (None if value is None else pytest.approx(value, rel=1e-9))
    ]
