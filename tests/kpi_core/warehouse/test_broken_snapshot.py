"""A damaged data file: one advice, and it works."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from loading_side import loaded, orders

from kpi_core.errors import ServiceError
from kpi_core.settings.values import Source
from kpi_core.warehouse.duckdb import DuckDBWarehouse, is_damage

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _whole: b"",
    "garbage": lambda _whole: random.Random(1).randbytes(5000),
    "its beginning": lambda whole: whole[:20_000],
    "half of it": lambda whole: whole[: len(whole) // 2],
    "without its end": lambda whole: whole[:-5000],
    "holes": lambda whole: b"".join(whole[at : at + 4000] + bytes(96) for at in range(0, len(whole), 4096)),
}

STILL_WHOLE = {"half of it", "without its end"}
"""What is cut off may have held nothing."""


@pytest.mark.parametrize("damage", DAMAGES)
def test_one_advice_that_works(tmp_path: Path, damage: str) -> None:
    """Whether one asks or loads, the sentence is the same; moving the file away and loading again mends it."""
    shop = orders(tmp_path, "".join(f"{n},2026-11-{n % 20 + 1:02},5\n" for n in range(2000)))
    loaded(tmp_path, shop)
    file = tmp_path / "kpi.duckdb"
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    said = {sentence for sentence in (asked(file), asked_to_load(tmp_path, shop)) if sentence}
    assert len(said) <= 1
    assert said or damage in STILL_WHOLE
    assert all("Move kpi.duckdb away" in sentence for sentence in said)
    file.rename(tmp_path / "away")
    assert loaded(tmp_path, shop).sources[0].rows == 2000


def asked(file: Path) -> str:
    """The sentence, empty where the rows could be read; then they are right."""
    warehouse = DuckDBWarehouse(file)
    try:
        assert warehouse.rows("SELECT sum(revenue) FROM orders", {}) == [(10_000,)]
    except ServiceError as error:
        return f"{error.message} {error.hint}"
    finally:
        warehouse.close()
    return ""


def asked_to_load(folder: Path, source: Source) -> str:
    try:
        loaded(folder, source)
    except ServiceError as error:
        return f"{error.message} {error.hint}"
    return ""


@pytest.mark.parametrize("words", ["No space left on device", "Disk quota exceeded", "File too large"])
def test_a_full_disk_is_no_damage(words: str) -> None:
    """Whoever has no room left is not told to move the data away."""
    error = type("IOException", (Exception,), {})
    assert not is_damage(error(f'IO Error: Could not write file "next.duckdb": {words}'))
    assert is_damage(error('IO Error: Could not read from file "next.duckdb": nothing left'))
