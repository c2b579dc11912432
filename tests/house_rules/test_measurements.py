"""What `make bench` measures can be measured."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import duckdb
import pytest


def test_the_measured_store_is_rolled_up_as_a_load_rolls_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model may gain a column: the store that `make bench` makes has it, too, and its rollups are built."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    stores = import_module("stores")
    stores.make_store(tmp_path, 20_000)
    stores.roll_up(tmp_path)
    with duckdb.connect(str(tmp_path / "kpi.duckdb"), read_only=True) as connection:
        built = connection.execute("SELECT DISTINCT model FROM kpi_rollups WHERE table_name IS NOT NULL").fetchall()
    sys.modules.pop("stores")
    assert {"ad_performance", "orders"} <= {name for (name,) in built}


def test_each_promise_names_tests_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may move: what counts how well promises are kept finds it where it lies."""
    root = Path(__file__).parents[2]
    monkeypatch.syspath_prepend(str(root / "bench"))
    promises = import_module("promises")
    sys.modules.pop("promises")
    named = [test.partition("::") for promise in promises.PROMISES for test in promise.tests]
    missing = [
        path + sign + name
        for path, sign, name in named
        if not (root / "tests" / path).exists() or f"def {name}" not in (root / "tests" / path).read_text("utf-8")
    ]
    assert missing == []
