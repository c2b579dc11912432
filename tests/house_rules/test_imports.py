"""What stands between a question and its answer stays light."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from demo_side import own_demo

from kpi_core.state.store import open_store

HEAVY = ("gspread", "holidays", "numpy", "pandas", "rapidfuzz", "rich", "slack_bolt", "sqlalchemy", "sqlglot", "yaml")
WORDS = (("list",), ("ask", "cac last-month"))
NOW = ("--now", "2026-11-20T10:00")
CODE = """
import json, sys
from bot.cli import main
if sys.argv[2:]:
    main(sys.argv[2:])
loaded = sorted(name for name in json.loads(sys.argv[1]) if name in sys.modules)
print(json.dumps(loaded), file=sys.stderr)
"""


def loaded_by(home: Path, *arguments: str) -> list[str]:
    """The heavy libraries that a new process has loaded after a call of `kpi`."""
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
    command = [sys.executable, "-c", CODE, json.dumps(HEAVY), *arguments]
    outcome = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(outcome.stderr.splitlines()[-1])
    return found


def test_the_command_line_loads_no_heavy_library(tmp_path: Path) -> None:
    """`import bot.cli` loads none of the libraries that only some commands need."""
    assert loaded_by(tmp_path) == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the demo company has been made, and everything was asked before."""
    folder = tmp_path_factory.mktemp("home")
    own_demo(folder).close()
    for words in WORDS:
        loaded_by(folder, *words, *NOW)
    return folder


@pytest.mark.parametrize("words", WORDS)
def test_an_answer_loads_no_heavy_library(home: Path, words: tuple[str, ...]) -> None:
    """Once the data is there, `kpi list` and `kpi ask` load DuckDB and no other heavy library."""
    assert loaded_by(home, *words, *NOW) == []


def test_goals_of_the_sheet_load_no_heavy_library(home: Path) -> None:
    """Neither do they where goals were typed in a Sheet, which a SQLite file keeps."""
    for settings in home.rglob("kpi.yaml"):
        open_store("sqlite:///state.db", settings.parent).close()
    loaded_by(home, *WORDS[1], *NOW)
    assert loaded_by(home, *WORDS[1], *NOW) == []
