"""Numbers leave through the door alone: a face that forgets who reads them fails here, before anybody reads them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from shipped import ROOT, shipped_files

from bot.workspace import Workspace

ENGINE, OPERATOR = "kpi_core.answering.engine", "kpi_core.access.operator"
MAKES_ENGINES = (
    "kpi_core/answering/",
    "kpi_core/access/",
    "kpi_core/review/",
    "bot/workspace.py",
    "bot/commands/diff.py",
    "kpi_core/notebook.py",
)
IS_THE_OPERATORS = ("kpi_core/access/", "bot/commands/", "bot/sandbox/", "kpi_core/notebook.py")
FORGETFUL = {
    "makes its own engine": "from kpi_core.answering.engine import Engine\nEngine(settings, catalog, warehouse)",
    "makes one late": "def made():\n    import kpi_core.answering.engine as engines",
    "takes the workspace's": "def answer(workspace, query, now):\n    return workspace._engine.answer(query, now)",
    "is the operator": "from kpi_core.access.operator import OPERATOR\nworkspace.door(OPERATOR)",
}


def ways_around(path: str, source: str) -> Iterator[str]:
    """What a file does to reach numbers without saying who reads them."""
    for node in ast.walk(ast.parse(source)):
        modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if ENGINE in modules and not path.startswith(MAKES_ENGINES):
            yield f"{path}:{node.lineno} imports the engine"
        if OPERATOR in modules and not path.startswith(IS_THE_OPERATORS):
            yield f"{path}:{node.lineno} answers as the operator"
        if isinstance(node, ast.Attribute) and node.attr == "_engine" and not _is_own(node):
            yield f"{path}:{node.lineno} takes an engine that is not its own"


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def test_every_face_asks_the_door() -> None:
    """No shipped file but the named ones makes an engine, takes one, or answers as the operator."""
    found = [way for path in shipped_files() for way in ways_around(str(path), (ROOT / path).read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize("forgetful", FORGETFUL.values(), ids=FORGETFUL)
def test_a_new_face_that_forgets_the_door_is_found(forgetful: str) -> None:
    """Whichever way it takes."""
    assert list(ways_around("bot/exports/spreadsheet_file.py", forgetful))


def test_a_workspace_hands_out_doors_and_nothing_else() -> None:
    """Nothing public of it gives answers."""
    public = {name for name in dir(Workspace) if not name.startswith("_")}
    assert "door" in public
    assert not public & {"engine", "answer", "answers"}
