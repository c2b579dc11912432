"""Definitions that were carried over, held against the rules of `kpi check` before anybody relies on them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpi_core.catalog.loader import read_catalog
from kpi_core.errors import Problem, SettingsError
from kpi_core.exchange.carried import Written, write_files

_ROUNDS = 20
"""What is left out may leave others without a part, and so on."""


def only_sound(
    files: Mapping[str, Mapping[str, Any]], places: Mapping[str, Written]
) -> tuple[dict[str, Mapping[str, Any]], list[Problem]]:
    """The files with which the catalogue can be read, and why the others cannot stay, told where they were written."""
    sound = dict(files)
    reasons: list[Problem] = []
    for _round in range(_ROUNDS):
        problems = _problems(sound)
        broken = {name: problem for problem in problems for name in sound if problem.file.endswith(name)}
        if not broken:
            return sound, reasons
        for name, problem in broken.items():
            del sound[name]
            reasons.append(places[name].problem(f"{Path(name).stem}: {problem.message}", problem.hint))
    return {}, reasons


def _problems(files: Mapping[str, Mapping[str, Any]]) -> tuple[Problem, ...]:
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder) / "own", files)
        try:
            read_catalog((Path(folder) / "own",))
        except SettingsError as error:
            return tuple(error.problems)
    return ()
