"""YAML files that people edit, read with the place of every value; `shapes.py` checks what they hold.

    document = read_document(Path("kpi.yaml"))             # SettingsError when it is no readable YAML
    document.value["sources"][0]["name"], document.place(("sources", 0, "name"))

YAML is read as its 1.2 core: `no`, `on` and `07:30` are text, so that `holidays: NO` is Norway. A plain `2026-12-31`
is a date, a number with a leading zero stays text, keys are always text. Tags and merge keys are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from math import isfinite
from pathlib import Path

import yaml

from kpi_core.errors import Problem, SettingsError
from kpi_core.frozen_dataclass import frozen

MOST_BYTES = 2_000_000
MOST_VALUES = 200_000
"""Values of one file, each use of an anchor counted: a few lines of YAML can otherwise unfold into billions."""
DEEPEST = 40

Steps = tuple[str | int, ...]
"""The way to a value: keys of mappings and numbers of list items, from the top."""

_SPECIAL: Mapping[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_PLAIN, _TEXT, _MAPPING, _LIST = "plain", "text", "mapping", "list"
_EXPLICIT_TEXT = "tag:yaml.org,2002:str"


class _TooDeepError(Exception):
    """Raised out of libyaml, whose own recursion would end the process."""


class _Tags:
    """Marks each node with its kind alone; values are made from the text later, without a regex a node."""

    depth = 0

    def resolve(self, kind: type[yaml.Node], _value: object, implicit: object) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if isinstance(implicit, tuple) and implicit[0] else _TEXT
        return _MAPPING if kind is yaml.MappingNode else _LIST

    def descend_resolver(self, parent: yaml.Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > DEEPEST and parent is not None:
            raise _TooDeepError(parent.start_mark.line + 1, parent.start_mark.column + 1)

    def ascend_resolver(self) -> None:
        self.depth -= 1


try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class _Composer(_Tags, CParser):  # type: ignore[misc, unused-ignore]
        """libyaml's parser; the tags are ours."""

except ImportError:  # pragma: no cover  (PyYAML without libyaml)
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class _Composer(_Tags, Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        """PyYAML's own parser; the tags are ours."""

        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


@frozen
class Document:
    """A YAML file: `value` is plain Python (dict, list, str, int, float, bool, date, None), `root` knows the places."""

    file: str
    value: object
    root: yaml.Node | None = field(repr=False, compare=False, default=None)

    def place(self, path: Steps, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`, or of its key; of the nearest part above if it is absent."""
        node, mark = self.root, self.root.start_mark if self.root else None
        for number, step in enumerate(path):
            pair = _step_into(node, step)
            if pair is None:
                break
            key_node, node = pair
            mark = key_node.start_mark if key and number == len(path) - 1 else node.start_mark
        return (mark.line + 1, mark.column + 1) if mark else (1, 1)

    def problem(self, path: Steps, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem at the place of the value (or key) at `path`."""
        return Problem(self.file, *self.place(path, key=key), message, hint)


def _step_into(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key node and value node of one step; a list item is its own key."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def read_document(path: Path, *, name: str | None = None) -> Document:
    """Read a file; problems call it `name`, else by its path. SettingsError when it is missing or no readable YAML."""
    file = name or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        problem = Problem(file, 0, 0, f"cannot read this file: {reason}", "Check its name and its permissions.")
        raise SettingsError([problem]) from None
    return read_text(_decoded(content, file), file)


def read_text(text: str, file: str) -> Document:
    """Read YAML from `text`; the value of an empty text is None. SettingsError when it is no readable YAML."""
    if len(text) > MOST_BYTES:
        large = f"this file is larger than {MOST_BYTES // 1_000_000} MB"
        raise SettingsError([Problem(file, 1, 1, large, "Split it.")])
    try:
        root = _Composer(text.removeprefix("\ufeff")).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise SettingsError([_broken(error, text, file)]) from None
    except yaml.YAMLError as error:
        raise SettingsError([_unreadable(error, text, file)]) from None
    except _TooDeepError as error:
        raise SettingsError([_too_deep(file, *error.args)]) from None
    if root is None:
        return Document(file, None)
    reading = _Reading(file)
    value = reading.value_of(root, 0)
    if reading.problems:
        raise SettingsError(reading.problems)
    return Document(file, value, root)


def _decoded(content: bytes, file: str) -> str:
    # Editors on Windows may save so; their mark is no other encoding's.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        hint = "Save it in your editor as UTF-8."
        raise SettingsError([Problem(file, line, column, "this file is not in UTF-8", hint)]) from None


_HINTS = {
    "mapping values are not allowed": "A text that holds `: ` needs quotes; else check the indentation.",
    "could not find expected ':'": "Each line needs `key: value`; check this line and the one above.",
    "did not find expected key": "Check the indentation and that every quote and bracket is closed.",
    "expected ',' or": "Check that every bracket is closed and its parts are parted by commas.",
    "found unexpected end of stream": "A quote or bracket that opens here is never closed.",
    "undefined alias": "A value that begins with * needs quotes.",
    "cannot start any token": "A value that begins with %, @ or ` needs quotes.",
    "expected a single document": "Leave out the line ---.",
}


def _broken(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    # A bracket that is never closed is noticed far below: its own line helps more.
    bracket = "expected ',' or" in str(error.problem)
    mark = (error.context_mark if bracket else error.problem_mark) or error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    reason = " ".join(part for part in (error.context, error.problem) if part)
    lines = text.splitlines()
    indentation = lines[line - 1][:column] if 0 < line <= len(lines) else ""
    if "\t" in indentation and not indentation.strip():
        return Problem(file, line, column, "a tab stands in the indentation", "Use spaces instead of tabs.")
    hint = next(
        (hint for part, hint in _HINTS.items() if part in reason), "Check the indentation, quotes and brackets."
    )
    return Problem(file, line, column, f"this is not valid YAML: {error.problem or reason}", hint)


def _unreadable(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """A character that YAML forbids: the reader's error names a position, not a line."""
    position = next((at for at, letter in enumerate(text) if ord(letter) < 32 and letter not in "\t\n\r"), None)
    if position is None:
        reason = str(error).splitlines()[0]
        return Problem(file, 1, 1, f"this is not valid YAML: {reason}", "Save it as plain UTF-8 text.")
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return Problem(file, line, column, "a control character stands here", "Delete it, or save the file as plain text.")


def _too_deep(file: str, line: int, column: int) -> Problem:
    return Problem(file, line, column, f"values are nested deeper than {DEEPEST} levels", "Flatten them.")


class _Reading:
    """One pass over the nodes of a file: plain values out, problems gathered."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.count = 0

    def value_of(self, node: yaml.Node, depth: int) -> object:
        self.count += 1
        if self.count > MOST_VALUES or depth > DEEPEST:
            self._stop(node, depth)
        tag = node.tag
        if tag == _PLAIN:
            return plain_value(node.value)
        if tag in (_TEXT, _EXPLICIT_TEXT):
            return node.value
        if tag == _MAPPING:
            return self._mapping(node, depth)
        if tag == _LIST:
            return [self.value_of(item, depth + 1) for item in node.value]
        self._add(node, f"the tag {tag} is not known here", "Leave it out, or put the value in quotes.")
        return None

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                self._add(key_node, "a key must be a plain text", "Texts that begin with { or [ need quotes.")
            elif key == "<<":
                self._add(key_node, "merge keys (<<) are not read", "Write the keys out.")
            elif key in mapping:
                self._add(key_node, f"{key} stands twice in one mapping", "Keep one of them.")
            else:
                mapping[key] = self.value_of(value_node, depth + 1)
        return mapping

    def _add(self, node: yaml.Node, message: str, hint: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message, hint))

    def _stop(self, node: yaml.Node, depth: int) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if depth > DEEPEST:
            raise SettingsError([_too_deep(self.file, line, column)])
        message = f"this file unfolds into more than {MOST_VALUES:,} values"
        raise SettingsError([Problem(self.file, line, column, message, "Use fewer anchors and aliases.")])


def plain_value(text: str) -> object:
    """What an unquoted YAML text means: None, a boolean, an int, a float, a date, else the text itself."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    first = text[0]
    # Nearly every text leaves here, before anything dearer is tried.
    if not (first.isascii() and (first.isdigit() or first in "+-.")):
        return text
    digits = text.lstrip("+-")
    if len(text) - len(digits) > 1 or not digits.isascii():
        return text
    if digits.isdigit():
        # Digits without end are an id or a slip, and Python refuses to count with thousands of them.
        return text if len(digits) > 1 and digits[0] == "0" else int(text) if len(digits) < 40 else text
    if len(text) == 10 and text[4] == "-" and text[7] == "-":
        return _date_or_text(text)
    return _float_or_text(text, digits)


def _date_or_text(text: str) -> object:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _float_or_text(text: str, digits: str) -> object:
    if (digits.startswith("0") and digits[1:2].isdigit()) or not set(digits) <= set("0123456789.eE+-"):
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text
