"""Everything that is wrong in definitions, told at once: ill-formed files, broken rules, SQL that cannot be read.

Loading stops at ill-formed files, for nothing may be answered from half a catalogue. `kpi check` goes on with the other
files, so that one round of mending is enough.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kpi_core.catalog.loader import (
    built_in,
    dimensions_of,
    looking_up,
    metrics_of,
    model_of,
    own_ids,
    read_all,
    sorted_out,
    with_plain_names,
)
from kpi_core.catalog.rules import broken_rules
from kpi_core.catalog.sql_rules import broken_sql
from kpi_core.documents.yaml_file import Document
from kpi_core.errors import Problem
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog, Metric

_NAME = re.compile(r"[^\W\d]\w*")


@frozen
class Inspection:
    """`catalog` holds what is well formed; `whole` says that nothing had to be left out of it."""

    catalog: Catalog
    problems: tuple[Problem, ...]
    whole: bool
    own: Mapping[str, Document]
    """The files of the team's own KPIs, by id."""


def inspect_definitions(folders: Sequence[Path]) -> Inspection:
    """The built-in definitions with those of `folders` over them, and all that is wrong with them, by file and line."""
    shipped = built_in()
    problems: list[Problem] = [*shipped.problems]
    own = read_all(folders, problems)
    # A file that is no YAML says no id; its name is the best guess of what is missing now.
    unread = {Path(problem.file).stem for problem in problems}
    own_models, own_metrics = sorted_out(own, problems)
    models, metrics = {**shipped.models, **own_models}, {**shipped.metrics, **own_metrics}
    lost = {name for document in own for name in _ids(document)} - models.keys() - metrics.keys() | unread
    metrics_by_id = {metric.id: metric for document in metrics.values() for metric in metrics_of(document)}
    read_models = {name: model_of(document) for name, document in models.items()}
    catalog = Catalog(
        metrics=_without_dependants(metrics_by_id, lost),
        models=read_models,
        dimensions=with_plain_names(dimensions_of(own, problems), read_models.values()),
    )
    problems += [*_defined_twice(own), *_other_endings(folders)]
    problems += [*broken_rules(catalog, metrics, models, own_ids(own)), *broken_sql(catalog, models)]
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.column))
    mine = {name: metrics[name] for name in own_ids(own) & metrics.keys()}
    return Inspection(looking_up(catalog) if not ordered else catalog, tuple(ordered), whole=not lost, own=mine)


def _ids(document: Document) -> Iterator[str]:
    """The name of the model or KPI that a file defines, as far as it says one."""
    if isinstance(document.value, Mapping):
        name = document.value.get("model") or document.value.get("id")
        if isinstance(name, str):
            yield name


def _without_dependants(metrics: Mapping[str, Metric], lost: Iterable[str]) -> dict[str, Metric]:
    """Without the KPIs that need what could not be read: their only fault may be that it is not there."""
    gone, remaining = set(lost), dict(metrics)
    # In rounds: whoever needs a KPI that is taken out now is taken out in the next.
    while needing := [metric.id for metric in remaining.values() if gone & _needs(metric)]:
        gone |= set(needing)
        for name in needing:
            del remaining[name]
    return {
        name: replace(metric, variants=tuple(v for v in metric.variants if v in remaining))
        for name, metric in remaining.items()
    }


def _needs(metric: Metric) -> set[str]:
    """The names of models and KPIs in the inputs; those of measures, which a dot stands before, are none."""
    texts = [metric_input.expression for metric_input in metric.inputs.values()]
    texts += [metric_input.where.metric for metric_input in metric.inputs.values() if metric_input.where]
    return {
        match[0] for text in texts for match in _NAME.finditer(text) if text[match.start() - 1 : match.start()] != "."
    }


def _defined_twice(documents: Iterable[Document]) -> Iterator[Problem]:
    """Two own files that define the same thing: only one of them would count."""
    files: dict[tuple[str, bool], list[Document]] = defaultdict(list)
    for document in documents:
        for name in _ids(document):
            files[name, isinstance(document.value, Mapping) and "model" in document.value].append(document)
    for (name, is_model), (first, *others) in files.items():
        for other in others:
            place = ("model",) if is_model else ("id",)
            yield other.problem(place, f"{name} is defined in {first.file}, too", "Keep one of the two files.")


def _other_endings(folders: Iterable[Path]) -> Iterator[Problem]:
    """Files that look like definitions and are not read."""
    for folder in folders:
        # People write both endings; only one is read, and a definition that silently counts for nothing is
        # hard to find.
        for path in sorted(folder.rglob("*.yml")):
            name = str(path.relative_to(folder.parent))
            yield Problem(name, 0, 0, "this file is not read", f"Rename it to {path.with_suffix('.yaml').name}.")
