"""kpi import and kpi export: definitions from other tools, and for them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.call import Call
from kpi_core.errors import UsageError, did_you_mean
from kpi_core.exchange.carried import Carried, as_yaml, documents_under, write_files
from kpi_core.phrases import say
from kpi_core.settings.values import FILE

if TYPE_CHECKING:
    from kpi_core.documents.yaml_file import Document
    from kpi_core.metrics import Catalog, Metric

WRITTEN_TO = Path("definitions")


def run_import(call: Call) -> int:
    """Write what another tool's definitions mean here; 1 where some of them would mean something else."""
    target: Path = call.options.to or WRITTEN_TO
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        hint = "Name another folder with --to, or take what lies there away."
        raise UsageError(f"{target} is there already.", code="file_exists", hint=hint)
    documents, problems = documents_under(call.options.path)
    carried = _reader(call.options.kind)(documents)
    refused = [*problems, *carried.refused]
    if not carried.files and not refused:
        hint = "dbt: semantic_models: and metrics:, or semantic_model: in models:. OSI: semantic_model:."
        raise UsageError(f"{call.options.path} defines nothing of that kind.", code="no_definitions", hint=hint)
    paths = write_files(target, carried.files) if carried.files else []
    if call.as_json:
        call.show_json(_json(carried, [str(path) for path in paths], [str(problem) for problem in refused]))
    else:
        language = _language(call)
        for text in (*carried.notes, *map(str, refused)):
            sys.stderr.write(text + "\n")
        counts = {"files": str(len(paths)), "refused": str(len(refused)), "folder": str(target)}
        call.show(say(language, "exchange.read", **counts))
        if paths:
            call.show(say(language, "exchange.next", folder=str(target)))
    return 1 if refused else 0


def run_export(call: Call) -> int:
    """Print or write the definitions for another tool; those that it cannot say are told."""
    catalog = call.workspace.catalog
    carried = _writer(call.options.kind)(catalog, _chosen(catalog, call.options.kpi))
    ((name, document),) = carried.files.items() or (("", {}),)
    target: Path | None = call.options.to
    if call.as_json:
        call.show_json({"document": document, "refused": [problem.message for problem in carried.refused]})
        return 0 if name else 1
    for problem in carried.refused:
        sys.stderr.write(f"{problem.message}\n")
    if not name:
        return 1
    if target is None:
        call.show(as_yaml(document))
        return 0
    write_files(target, {name: document})
    call.show(say(call.language, "exchange.written", file=str(target / name), refused=str(len(carried.refused))))
    return 0


def _chosen(catalog: Catalog, names: Sequence[str]) -> Mapping[str, Metric]:
    """The named KPIs, or all."""
    for name in names:
        if name not in catalog.metrics:
            near = did_you_mean(name, catalog.metrics)
            hint = f"Did you mean {near[0]}?" if near else "kpi list shows them all."
            raise UsageError(f"There is no KPI {name}.", code="unknown_kpi", hint=hint)
    every = {metric.id: metric for metric in catalog.kpis()}
    return {name: catalog.metrics[name] for name in names} or every


def _reader(kind: str) -> Callable[[Sequence[Document]], Carried]:
    if kind == "dbt":
        from kpi_core.exchange.dbt.from_dbt import from_dbt

        return from_dbt
    from kpi_core.exchange.osi.from_osi import from_osi

    return from_osi


def _writer(kind: str) -> Callable[[Catalog, Mapping[str, Metric]], Carried]:
    if kind == "dbt":
        from kpi_core.exchange.dbt.to_dbt import to_dbt

        return to_dbt
    from kpi_core.exchange.osi.to_osi import to_osi

    return to_osi


def _language(call: Call) -> str:
    """The workspace's language, where there is one: definitions may come before it."""
    return call.language if call.config is not None or Path(FILE).exists() else "en"


def _json(carried: Carried, files: list[str], refused: list[str]) -> dict[str, Any]:
    return {"files": files, "refused": refused, "notes": list(carried.notes)}
