"""Small rooms: short functions, short files, few in a folder, each named after its subject, in the field's words."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from shipped import ROOT, Function, functions, place, python_files, shipped_files, tree_of

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc", "core"}
NAMES_OF_WHAT_WAS_DONE = frozenset(
    {"found", "kept", "asked", "said", "wanted", "held", "shown", "told", "known", "given", "each"}
)
"""They say that somebody did something to a thing, not what it is in the field's word."""
DIRECTIVE = re.compile(r"#\s*(noqa|type:|ruff:|fmt:|mypy:)")
"""Comments for tools, and not for readers."""


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


def test_no_room_is_crowded() -> None:
    """A folder holds at most 16 Python files at its own level, in tests too."""
    rooms = Counter(path.parent for path in python_files())
    assert {room: files for room, files in rooms.items() if files > 16} == {}


def code_and_comments(path: Path) -> tuple[set[int], set[int]]:
    """The lines of a file that hold code, without blank ones and docstrings; those with a comment for its readers."""
    blank = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    code: set[int] = set()
    comments: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO((ROOT / path).read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            comments |= set() if DIRECTIVE.match(token.string) else {token.start[0]}
        elif token.type not in blank:
            code |= set(range(token.start[0], token.end[0] + 1))
    return code - set(docstring_lines(path)), comments


def docstring_lines(path: Path) -> Iterator[int]:
    """The lines of every text that stands alone: docstrings, and those beneath an assignment or a field."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def names_in(path: Path) -> Iterator[str]:
    """Every variable, loop variable, parameter and field, as often as it is named."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


@cache
def proportions() -> tuple[int, int, int]:
    """Of shipped code: its lines, its lines with comments, and how often a name says what was done and not what is."""
    lines = comments = empty_names = 0
    for path in shipped_files():
        code, commented = code_and_comments(path)
        lines, comments = lines + len(code), comments + len(commented)
        empty_names += sum(name in NAMES_OF_WHAT_WAS_DONE for name in names_in(path))
    return lines, comments, empty_names


def test_names_say_what_things_are() -> None:
    """Found, kept, asked and their like stand fewer than 15 times in 1,000 lines of code."""
    lines, _comments, empty_names = proportions()
    assert 1000 * empty_names / lines < 15, f"{empty_names} in {lines:,} lines"


def test_comments_say_why_where_a_reader_would_stop() -> None:
    """Between 1.2 and 4 lines in 100 carry a comment: neither riddles nor a second telling."""
    lines, comments, _empty_names = proportions()
    assert 1.2 <= 100 * comments / lines <= 4, f"{comments} in {lines:,} lines"
