"""Every sentence of the locale files is said somewhere, and everything said stands there."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.resources import files

from shipped import calls, place, shipped_files, tree_of, yaml_of


@cache
def keys() -> frozenset[str]:
    """The keys of the English file, dotted."""
    text = (files("kpi_core") / "locale" / "en.yaml").read_text("utf-8")
    return frozenset(_flat(yaml_of(text), ""))


def _flat(tree: dict[str, object], prefix: str) -> list[str]:
    found: list[str] = []
    for key, value in tree.items():
        found += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
    return found


def _pattern(node: ast.JoinedStr) -> str | None:
    """A regular expression for what an f-string may become; None where it cannot be a key."""
    start = node.values[0]
    if not isinstance(start, ast.Constant) or not re.match(r"[a-z_]+\.[\w.-]*$", str(start.value)):
        return None
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r".+" for part in node.values)


@cache
def said() -> tuple[frozenset[str], frozenset[str]]:
    """The texts of the shipped code that may be keys, and patterns of those put together."""
    nodes = [node for path in shipped_files() for node in ast.walk(tree_of(path))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    patterns = {found for node in nodes if isinstance(node, ast.JoinedStr) and (found := _pattern(node))}
    patterns |= {re.escape(text) + ".+" for text in texts if re.fullmatch(r"[a-z_]+\.([a-z_]+\.)*([a-z]+_)?", text)}
    return frozenset(texts), frozenset(patterns)


def test_every_sentence_is_said() -> None:
    """No sentence is kept that the product cannot say any more."""
    texts, patterns = said()
    put_together = re.compile("|".join(sorted(patterns)))
    silent = sorted(key for key in keys() - texts if not put_together.fullmatch(key))
    assert silent == []


def test_everything_said_has_a_sentence() -> None:
    """A key that the code names stands in the locale files."""
    unknown = []
    for path in shipped_files():
        for name, call in calls(path):
            position = {"say": 1, "Notice": 0}.get(name)
            if position is None or len(call.args) <= position:
                continue
            key = call.args[position]
            if isinstance(key, ast.Constant) and key.value not in keys():
                unknown.append(f"{place(path, call)}: {key.value!r}")
    assert unknown == []
