"""The playground's scripts: no circle among them, and free tools to check them."""

from __future__ import annotations

import json
import posixpath
import re
from graphlib import CycleError, TopologicalSorter

from shipped import ROOT

PAGE = ROOT / "bot/sandbox/playground"
SCRIPTS = PAGE / "static"
IMPORT = re.compile(r"^(?:import|export)\b[^;]*?\bfrom \"([^\"]+)\";", re.MULTILINE)
FREE = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "BlueOak-1.0.0"}


def imports_of(script: str) -> set[str]:
    """The scripts that a script imports, as paths below static/."""
    text = (SCRIPTS / script).read_text("utf-8")
    return {posixpath.normpath(posixpath.join(posixpath.dirname(script), name)) for name in IMPORT.findall(text)}


def test_no_circle_among_the_scripts() -> None:
    """Each script can be read after those it imports; none waits for one that waits for it."""
    graph = {path.relative_to(SCRIPTS).as_posix(): set[str]() for path in SCRIPTS.rglob("*.js")}
    graph = {script: imports_of(script) for script in graph}
    assert graph["main.js"] > {"api.js", "slack/pane.js"}
    assert set().union(*graph.values()) <= set(graph)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        raise AssertionError(circle.args[1]) from None


def test_the_tools_for_the_scripts_are_pinned_and_free() -> None:
    """One version of each, from whatever registry npm is set to, under a licence that lets anybody use it."""
    packages = json.loads((PAGE / "package-lock.json").read_text("utf-8"))["packages"]
    tools = json.loads((PAGE / "package.json").read_text("utf-8"))["devDependencies"]
    assert {name: version for name, version in tools.items() if not re.fullmatch(r"[\d.]+", version)} == {}
    assert {name for name, package in packages.items() if "resolved" in package} == set()
    assert {
        name: package.get("license") for name, package in packages.items() if package.get("license") not in FREE
    } == {}
