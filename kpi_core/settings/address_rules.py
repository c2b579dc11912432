"""The addresses of a kpi.yaml: each can be opened, as far as its variables are set, and none leads where it may not."""

from __future__ import annotations

import glob
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

from kpi_core.documents.shapes import Finding
from kpi_core.documents.yaml_file import Document, Steps
from kpi_core.errors import Problem
from kpi_core.settings.addresses import Address, AddressError, source_address, state_address, warehouse_address
from kpi_core.settings.off_limits import HINT, is_state, is_state_file, refuse_overlap
from kpi_core.settings.source_types import source_types
from kpi_core.settings.values import DEFAULT_STATE, DEFAULT_WAREHOUSE, VARIABLE, fill

_WITH_ROLLUPS = frozenset({"postgresql", "clickhouse", "chdb"})


def check_addresses(document: Document, folder: Path, environment: Mapping[str, str]) -> list[Problem]:
    """Every address that cannot be opened as it stands, and every source or warehouse that is the state."""
    value = document.value if isinstance(document.value, dict) else {}
    findings = list(_findings(value, folder, environment))
    problems = [document.problem(item.path, item.message, item.hint) for item in findings]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _findings(value: Mapping[str, object], folder: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    state = yield from _read(state_address, value.get("state") or DEFAULT_STATE, ("state",), environment)
    text = value.get("warehouse") or DEFAULT_WAREHOUSE
    warehouse = yield from _read(warehouse_address, text, ("warehouse",), environment)
    if warehouse and value.get("rollups") and warehouse.system not in _WITH_ROLLUPS:
        hint = "Leave it out: loads into DuckDB keep sums by day anyway, and other warehouses have none."
        yield Finding(("rollups",), "this warehouse has no schema for rollups", hint)
    if state and warehouse:
        try:
            refuse_overlap(warehouse, state, folder)
        except AddressError as error:
            yield Finding(("state",) if "state" in value else ("warehouse",), *error.verdict)
    sources = value.get("sources")
    for number, source in enumerate(sources if isinstance(sources, list) else ()):
        if isinstance(source, Mapping):
            yield from _of_source(source, ("sources", number), state, folder, environment)


def _of_source(
    source: Mapping[str, object], path: Steps, state: Address | None, folder: Path, environment: Mapping[str, str]
) -> Iterator[Finding]:
    kind = source_types().get(str(source.get("type")))
    for name, option in (kind.options if kind else {}).items():
        if option.kind == "address" and isinstance(source.get(name), str):
            address = yield from _read(source_address, source[name], (*path, name), environment)
            if state and address and is_state(address, state, folder):
                yield Finding((*path, name), "this is the state, which is no source", HINT)
    if state and any(_matches_state(files, state, folder, environment) for files in _texts(source.get("path"))):
        yield Finding((*path, "path"), "this matches the state, which is no source", HINT)


def _texts(value: object) -> list[str]:
    """A text, or those of a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _matches_state(files: str, state: Address, folder: Path, environment: Mapping[str, str]) -> bool:
    """Whether a pattern such as *.db matches the state among others."""
    if not _is_set(files, environment):
        return False
    pattern = str(folder / fill(files, environment, "kpi.yaml"))
    matching = glob.glob(pattern, recursive=True)  # noqa: PTH207 - the pattern may be absolute
    return any(is_state_file(Path(file), state, folder) for file in matching)


def _read(
    reader: Callable[[str], Address], text: object, path: Steps, environment: Mapping[str, str]
) -> Generator[Finding, None, Address | None]:
    """The address; None after a finding that says why there is none, or where a variable of it is not set."""
    if not _is_set(str(text), environment):
        return None
    try:
        return reader(fill(str(text), environment, "kpi.yaml"))
    except AddressError as error:
        yield Finding(path, *error.verdict)
        return None


def _is_set(text: str, environment: Mapping[str, str]) -> bool:
    """Whether all variables of a text are; those that are not are told elsewhere."""
    return all(environment.get(name) for name in VARIABLE.findall(text))
