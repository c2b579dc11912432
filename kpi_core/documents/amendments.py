"""Additions to a YAML file that people wrote: whatever they wrote stays byte for byte, its comments and order, too.

A library that writes the whole file anew loses line ends, quotes or comments sooner or later; here text is put in at
places that the reader of `yaml_file.py` names, and the result is read again before anybody gets it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kpi_core.documents.whole_files import replace_file
from kpi_core.documents.yaml_file import Document, read_text
from kpi_core.errors import Problem, SettingsError

_LONGEST = 118
_PLAIN = re.compile(r"[A-Za-z_가-힣一-鿿][\w가-힣一-鿿./*-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})

Entry = Mapping[str, Any]


def with_entries(text: str, key: str, entries: Sequence[Entry], file: str = "kpi.yaml") -> str:
    """`text` with each of `entries` in the list at `key` of the top level: in the one of its `name`, else at the end.

    Keys that an entry does not name stay; `text` itself where nothing changes. SettingsError when it is no readable
    YAML or holds something else at `key`.
    """
    for entry in entries:
        text = _with_entry(text, key, entry, file)
    return text


def with_value(text: str, key: str, value: object, file: str = "kpi.yaml") -> str:
    """`text` with a key of the top level that was not there, at its end."""
    document = read_text(text, file)
    if isinstance(document.value, dict) and key in document.value:
        raise SettingsError([document.problem((key,), f"{key} is there already", "Change it by hand.", key=True)])
    expected = {**(document.value if isinstance(document.value, dict) else {}), key: value}
    return _checked(f"{_ended(text)}{_flow(key)}: {_flow(value)}\n", expected, file)


def with_text_in(text: str, key: str, name: str, item: str, file: str = "kpi.yaml") -> str:
    """`text` with `item` in the list `name` of the mapping at `key` of the top level, which is made where it lacks."""
    document = read_text(text, file)
    whole: dict[str, Any] = dict(document.value) if isinstance(document.value, dict) else {}
    mapping = whole.get(key)
    if not mapping and key not in whole:
        return with_value(text, key, {name: [item]}, file)
    node = _node(document, key)
    if not isinstance(mapping, dict) or not isinstance(node, yaml.MappingNode):
        raise SettingsError([document.problem((key,), f"{key} is no mapping", f"Write {key}: as name: [texts].")])
    old = mapping.get(name, [])
    items = [*([old] if isinstance(old, str) else old or []), item]
    added = _replaced(text, node, name, items) if name in mapping else _extended(text, node, name, items)
    return _checked(added, {**whole, key: {**mapping, name: items}}, file)


def write_whole(path: Path, text: str) -> None:
    """Replace a file of text in one step, as `replace_file`."""
    replace_file(path, text.encode())


def _with_entry(text: str, key: str, entry: Entry, file: str) -> str:
    document = read_text(text, file)
    whole: dict[str, Any] = dict(document.value) if isinstance(document.value, dict) else {}
    items = whole.get(key) or []
    if not isinstance(items, list):
        raise SettingsError([document.problem((key,), f"{key} is no list", f"Write {key}: as a list.")])
    at = next(
        (
            at
            for at, item in enumerate(items)
            if isinstance(item, dict) and "name" in entry and item.get("name") == entry["name"]
        ),
        None,
    )
    if at is None:
        return _checked(_appended(text, document, key, entry), {**whole, key: [*items, dict(entry)]}, file)
    for name, value in entry.items():
        old = items[at]
        if old.get(name) == value:
            continue
        items = [*items[:at], {**old, name: value}, *items[at + 1 :]]
        node = _node(document, key, at)
        text = _replaced(text, node, name, value) if name in old else _extended(text, node, name, value)
        text = _checked(text, {**whole, key: items}, file)
        document = read_text(text, file)
    return text


def _checked(text: str, expected: object, file: str) -> str:
    """The text if it means what it should; SettingsError where it is written in a way that cannot be added to."""
    try:
        is_right = read_text(text, file).value == expected
    except SettingsError:
        is_right = False
    if not is_right:
        hint = "Write its lists with one entry a line, or add the entry by hand."
        raise SettingsError([Problem(file, 1, 1, "it is written in a way that nothing can be added to", hint)])
    return text


def _appended(text: str, document: Document, key: str, entry: Entry) -> str:
    """The entry at the end of the list, which may be missing, empty, in lines or in brackets."""
    node = _node(document, key)
    if node is None:
        return f"{_ended(text)}{key}:\n{_item(entry, 2)}"
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        line = document.place((key,), key=True)[0] - 1
        head = text.splitlines(keepends=True)[line]
        emptied = re.sub(r":[ \t]*(\[\s*\]|~|null|Null|NULL)(?=\s|$)", ":", head, count=1)
        return _after(_with_line(text, line, emptied), line, _item(entry, 2))
    if node.flow_style:
        end = _offset(text, node.end_mark) - 1
        return f"{text[:end].rstrip().removesuffix(',')}, {_flow(entry)}{text[end:]}"
    return _after(text, _last_line(node), _item(entry, node.start_mark.column))


def _replaced(text: str, node: yaml.MappingNode, name: str, value: object) -> str:
    """Another value in the place of a key's."""
    old = next(child for key, child in node.value if key.value == name)
    if isinstance(old, yaml.SequenceNode) and not old.flow_style and isinstance(value, list | tuple):
        # With a line an item, a longer list is the same lines and some more.
        before = " " * old.start_mark.column
        return _after(text, _last_line(old), "".join(f"{before}- {_flow(item)}\n" for item in value[len(old.value) :]))
    return f"{text[: _offset(text, old.start_mark)]}{_flow(value)}{text[_end(text, old) :]}"


def _extended(text: str, node: yaml.MappingNode, name: str, value: object) -> str:
    """A further key at the end of a mapping."""
    if node.flow_style:
        end = _offset(text, node.end_mark) - 1
        return f"{text[:end].rstrip().removesuffix(',')}, {_flow(name)}: {_flow(value)}{text[end:]}"
    return _after(text, _last_line(node), f"{' ' * node.start_mark.column}{_flow(name)}: {_flow(value)}\n")


def _node(document: Document, key: str, at: int | None = None) -> Any:
    root = document.root
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    node = next((child for name, child in pairs if name.value == key), None)
    return node if at is None or node is None else node.value[at]


def _last(node: yaml.Node) -> yaml.Node:
    """The last node inside that ends where its text ends: a block's own end lies behind the comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last(last[1] if isinstance(last, tuple) else last)
    return node


def _last_line(node: yaml.Node) -> int:
    """The line, from 0, on which a node's own text ends."""
    last = _last(node)
    # A text of several lines (`|`) ends at the start of the line after it.
    return int(last.end_mark.line) - (
        1 if last.end_mark.column == 0 and last.end_mark.line > last.start_mark.line else 0
    )


def _end(text: str, node: yaml.Node) -> int:
    return _offset(text, _last(node).end_mark)


def _offset(text: str, mark: yaml.Mark) -> int:
    return sum(map(len, text.splitlines(keepends=True)[: mark.line])) + int(mark.column)


def _with_line(text: str, number: int, line: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:number], line, *lines[number + 1 :]])


def _after(text: str, number: int, addition: str) -> str:
    """`addition` behind line `number`, from 0."""
    lines = _ended(text).splitlines(keepends=True)
    return "".join([*lines[: number + 1], addition, *lines[number + 1 :]])


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _item(entry: Entry, column: int) -> str:
    """An entry of a list in one line where it fits, else with a line a key."""
    before = " " * column
    line = f"{before}- {_flow(entry)}\n"
    if len(line) <= _LONGEST:
        return line
    lines = [f"{_flow(name)}: {_flow(value)}" for name, value in entry.items()]
    return f"{before}- " + f"\n{before}  ".join(lines) + "\n"


def _flow(value: object) -> str:
    """A value in one line of YAML; texts as JSON writes them wherever they could be read as something else."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
