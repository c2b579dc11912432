"""The golden files themselves are watched: a file that no test reads tells nobody anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
TEST = """
from golden import matches_golden

def test_one():
    matches_golden("part/one.txt", "one")

def test_two():
    matches_golden("part/two.txt", "two")
"""


def run(folder: Path, *golden_files: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A suite of two tests, run as `make test` runs ours."""
    tests = folder / "tests"
    (tests / "golden" / "part").mkdir(parents=True)
    for name in golden_files:
        (tests / "golden" / "part" / f"{name}.txt").write_text(name)
    for name in ("conftest.py", "golden.py", "long.py"):
        shutil.copy(TESTS / name, tests / name)
    (tests / "test_parts.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\npythonpath = tests\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_unused_file_fails_a_whole_run(tmp_path: Path, workers: str) -> None:
    """A run of all tests that leaves a golden file unread fails and names it, with workers and without."""
    outcome = run(tmp_path, "one", "two", "three", options=("-n", workers))
    assert (outcome.returncode, "golden file part/three.txt" in outcome.stdout) == (1, True), outcome.stdout


def test_used_files_pass(tmp_path: Path) -> None:
    """A run that reads every golden file passes, although each worker reads only some."""
    assert run(tmp_path, "one", "two", options=("-n", "2")).returncode == 0


def test_a_part_of_the_tests_need_not_use_all_files(tmp_path: Path) -> None:
    """Who runs a few tests is not told about the files of the others."""
    assert run(tmp_path, "one", "two", "three", options=("-n", "0", "-k", "one")).returncode == 0


def test_a_missing_file_fails(tmp_path: Path) -> None:
    """A test whose golden file does not exist fails instead of writing it."""
    outcome = run(tmp_path, "one", options=("-n", "0"))
    assert (outcome.returncode, "part/two.txt is missing" in outcome.stdout) == (1, True), outcome.stdout
