"""Small rooms: short functions, short files, each named after its subject."""

from __future__ import annotations

import ast
from pathlib import Path

from shipped import ROOT, Function, functions, place, python_files, shipped_files

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc", "core"}


def lines_of(function: Function) -> int:
    """Its lines without the docstring."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    told = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - told


def test_no_function_is_long() -> None:
    """A function has at most 60 lines, in tests too."""
    long = [place(path, each) for path in python_files() for each in functions(path) if lines_of(each) > 60]
    assert long == []


def test_most_functions_are_short() -> None:
    """Nine shipped functions in ten have at most 25 lines."""
    lengths = sorted(lines_of(each) for path in shipped_files() for each in functions(path))
    assert lengths[len(lengths) * 9 // 10] <= 25


def test_no_file_is_long() -> None:
    """A file has at most 600 lines; nine shipped ones in ten at most 400."""
    lengths = {path: (ROOT / path).read_text("utf-8").count("\n") for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > 600} == {}
    shipped = sorted(lengths[path] for path in shipped_files())
    assert shipped[len(shipped) * 9 // 10] <= 400


def test_files_are_named_after_their_subject() -> None:
    """No file or folder is called utils, helpers, manager, base or common."""
    nameless = [path for path in shipped_files() if NAMES_THAT_SAY_NOTHING & set(Path(path).with_suffix("").parts)]
    assert nameless == []
