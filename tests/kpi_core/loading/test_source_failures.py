"""One bad address, port, file or folder stops its own source, never the load, and gives no password away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from loading_side import CATALOG, NOW, loaded, orders, settings

from kpi_core.loading.load import load
from kpi_core.loading.source_failures import source_failure
from kpi_core.questions.errors import error_words
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest, reader_of

from tables import read_tables

PASSWORD = "s3cr3t-pass"
ADDRESSES = [
    f"postgresql://kpi:{PASSWORD}@127.0.0.1:1/shop",
    f"postgresql://kpi:{PASSWORD}@127.0.0.1:99999/shop",
    f"postgresql://kpi:{PASSWORD}@127.0.0.1:x/shop",
    f"postgresql://kpi:{PASSWORD}@{'a' * 70}.invalid/shop",
    f"postgresql://kpi:{PASSWORD}@h%00st/shop",
    f"postgresql://kpi:{PASSWORD}@ss@127.0.0.1/shop",
    f"postgresql://kpi:%{PASSWORD}@127.0.0.1/shop",
    f"nosuch://kpi:{PASSWORD}@db/shop",
    f"{PASSWORD}",
    "sqlite:////nowhere/at/all.db",
]


def count(folder: Path, table: str) -> int:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return int(snapshot.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("url", ADDRESSES)
def test_a_bad_address(tmp_path: Path, url: str, debug: bool) -> None:
    """Its source is reported without a password, with what to do; the others are loaded."""
    bad = Source("bad", "sql", "costs", query="select 1", options={"url": "${SHOP}"})
    environment = {"SHOP": url} | ({"KPI_DEBUG": "1"} if debug else {})
    shop = orders(tmp_path, "1,2026-11-01,5\n")
    report = load(settings(tmp_path, bad, shop), CATALOG, now=NOW, environment=environment)
    (failed,) = report.failed
    assert failed.source == "bad"
    assert failed.error
    assert PASSWORD not in f"{failed.error} {failed.error.hint} {failed.error.params}"
    assert failed.error.hint
    assert count(tmp_path, "orders") == 1


QUERIES = ["select nothing from source", "select 1; select 2", "select * from read_csv('/etc/passwd')"]


@pytest.mark.parametrize("language", ["en", "ko", "zh-TW"])
def test_what_is_wrong_is_said_in_three_languages(tmp_path: Path, language: str) -> None:
    """A query that does not work, a lacking option and a file that is none: what happened and what to do next."""
    (tmp_path / "books.csv").write_text("date,category,amount\n2026-11-01,tools,1\n")
    (tmp_path / "books.parquet").write_text("no parquet")
    sources = [
        *(Source(f"q{n}", "csv", "costs", options={"path": "books.csv"}, query=sql) for n, sql in enumerate(QUERIES)),
        Source("optionless", "sql", "costs", options={"url": "sqlite://"}),
        Source("addressless", "sql", "costs", query="select 1"),
        Source("parquet", "parquet", "costs", options={"path": "books.parquet"}),
    ]
    failed = [each.error for each in loaded(tmp_path, *sources).failed if each.error]
    words = [error_words(error, language) for error in failed]
    codes = [error.code for error in failed]
    assert codes == [
        "source_query", "source_query_form", "source_query_outside", "source_option", "source_option",
        "source_unreadable",
    ]  # fmt: skip
    english = [(error.message, error.hint) for error in failed]
    assert all(message and hint for message, hint in words)
    assert language == "en" or all(
        ours != theirs
        for own, plain in zip(words, english, strict=True)
        for ours, theirs in zip(own, plain, strict=True)
    )


@contextmanager
def somebody() -> Iterator[None]:
    """Without the rights of root, who may read everything."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("closed", ["folder", "file"])
@pytest.mark.parametrize("path", ["data/a.csv", "data/*.csv", "data/**/*.csv"])
def test_what_may_not_be_read(tmp_path: Path, closed: str, path: str) -> None:
    """A folder or a file without the right to read it is told by its name."""
    for place in (*tmp_path.parents, tmp_path):
        if place.stat().st_uid == os.getuid() and place != Path("/"):
            place.chmod(place.stat().st_mode | 0o055)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("date,category,amount\n2026-11-01,tools,1\n")
    request = ReadRequest(Source("books", "csv", "costs", options={"path": path}), tmp_path, tmp_path)
    read, into = reader_of("csv"), duckdb.connect()
    locked = tmp_path / "data" if closed == "folder" else tmp_path / "data" / "a.csv"
    locked.chmod(0)
    try:
        with somebody(), pytest.raises(PermissionError) as caught:
            read(request, into)
    finally:
        locked.chmod(0o755)
    failure = source_failure("books", caught.value)
    assert failure.code == "source_no_access"
    assert locked.name in failure.message


def test_anything_a_driver_raises(tmp_path: Path) -> None:
    """Words of a driver may hold the address: only their kind is repeated, and for those who ask, the place."""
    try:
        int(f"postgresql://kpi:{PASSWORD}@db")
    except ValueError as error:
        plain, details = source_failure("shop", error, {}), source_failure("shop", error, {"KPI_DEBUG": "1"})
    assert PASSWORD not in f"{plain}{details}"
    assert "ValueError" in plain.message
    assert "test_source_failures.py:" in details.message


def test_the_finding_of_a_failure(tmp_path: Path) -> None:
    """A source that fails after a good load is found with the day of that load, until the next good one."""
    shop = orders(tmp_path, "1,2026-11-01,5\n")
    loaded(tmp_path, shop)
    text = (tmp_path / "shop.csv").read_text()
    (tmp_path / "shop.csv").unlink()
    sql = "SELECT code, source, first_day::text FROM kpi_findings WHERE code LIKE 'load%'"
    for _again in range(2):
        report = loaded(tmp_path, shop)
        assert report.failed[0].stands_since == NOW.date()
        with read_tables(tmp_path / "kpi.duckdb") as snapshot:
            assert snapshot.execute(sql).fetchall() == [("load_failed", "shop", "2026-11-24")]
    (tmp_path / "shop.csv").write_text(text)
    loaded(tmp_path, shop)
    with read_tables(tmp_path / "kpi.duckdb") as snapshot:
        assert snapshot.execute(sql).fetchall() == []
