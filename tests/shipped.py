"""What is under version control, and what is shipped of it, for the tests that watch over the house."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "sheets_sync", "kpi_core")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def yaml_of(text: str) -> Any:
    """YAML, read by the C library where there is one: that takes an eighth of the time."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git keeps or would keep, seen from the root; in a bare copy, all but hidden folders."""
    if not (ROOT / ".git").exists():
        names = (path.relative_to(ROOT) for path in sorted(ROOT.rglob("*")) if path.is_file())
        return tuple(
            name for name in names if not any(part.startswith(".") or part == "__pycache__" for part in name.parts)
        )
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(Path(name) for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file())


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(path for path in tracked() if path.suffix == ".py")


@cache
def shipped_files() -> tuple[Path, ...]:
    return tuple(path for path in python_files() if path.parts[0] in PACKAGES)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


def functions(path: Path) -> Iterator[Function]:
    """Every function of a file, inner ones and methods too."""
    yield from (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain or dotted name: its last part, and the call."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield name, node


def place(path: Path, node: ast.expr | ast.stmt) -> str:
    return f"{path}:{node.lineno}"
