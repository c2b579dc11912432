"""Definitions that come built in, beside which those of other tools have to stand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from kpi_core.catalog import load_catalog
from kpi_core.catalog.loader import BUILT_IN
from kpi_core.documents.yaml_file import read_document
from kpi_core.exchange.carried import NotCarriedError


@cache
def built_in_model(name: str) -> Mapping[str, Any] | None:
    """The file of a table that comes built in; None for others."""
    path = BUILT_IN / "models" / f"{name}.yaml"
    if not path.is_file():
        return None
    value = read_document(path).value
    assert isinstance(value, Mapping)
    return value


@cache
def _words() -> Mapping[str, str]:
    """Every word of the KPIs that come built in, and whose it is."""
    catalog = load_catalog()
    return {
        word.casefold(): metric.id
        for metric in catalog.kpis()
        for word in (*metric.aliases, *metric.names.values(), metric.id)
    }


def called(name: str) -> str:
    """The id for a metric of another tool: its own, where that is no word for another KPI."""
    return name if _words().get(name.casefold(), name) == name else f"own_{name}"


def free_words(words: str, kpi: str) -> str:
    """What people call it, told apart from the built-in KPI that is called so."""
    return words if _words().get(words.casefold(), kpi) == kpi else f"{words} (own)"


def takes_a_place(kpi: str) -> bool:
    """Whether a KPI of that id comes built in."""
    return kpi in load_catalog().metrics


def merged_model(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A table of ours; one that comes built in gains measures. NotCarriedError where it means another table."""
    name = str(definition["model"])
    own = built_in_model(name)
    if own is None:
        return dict(definition)
    others = {key for key in definition["columns"] if key not in own["columns"]}
    if others or definition.get("time") != own.get("time"):
        what = f"column {min(others)}" if others else f"time {definition.get('time')}"
        raise NotCarriedError(f"a table {name} comes built in, which has no {what}; call the view otherwise")
    return {**own, "measures": {**own["measures"], **definition["measures"]}}
