"""kpi check looks at the headers of files: every file that a load would stop at, all of them at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.cli import main
from kpi_core.catalog import load_catalog
from kpi_core.errors import KpiBotError
from kpi_core.loading.load import load
from kpi_core.review.file_headers import misfits_of_headers
from kpi_core.settings.file import read_settings

FIRM = "company: Small shop\ntimezone: Asia/Seoul\ncurrency: KRW\nsources:\n"
RIGHT = "order_id,customer_id,ordered_at,channel,revenue\na,kim,2026-09-05 12:00,search,30000\n"
OTHER = "Invoice,customer_id,ordered_at,channel,revenue\nb,lin,2026-09-06 12:00,search,100\n"
META = "Campaign name,Day,Impressions,Link clicks,Amount spent (USD)\nSale,2026-10-01,200,4,10.25\n"
SUMS = "select Invoice AS order_id, * EXCLUDE (Invoice, revenue), sum(revenue) AS revenue from source group by all"
SHOP = "- {name: shop, type: csv, path: o.csv, table: orders}"

CASES: Mapping[str, tuple[str, dict[str, str | bytes], str]] = {
    "a needed column is not there": (SHOP, {"o.csv": OTHER}, "source_columns"),
    "columns: names one that is not there": (
        "- {name: shop, type: csv, path: o.csv, table: orders, columns: {channel: Medium}}",
        {"o.csv": RIGHT},
        "source_columns",
    ),
    "of an old header": (
        "- {name: shop, type: csv, path: o.csv, table: orders, header: 3}",
        {"o.csv": f"Export\n\n{OTHER}"},
        "source_columns",
    ),
    "lines above the header": (SHOP, {"o.csv": f"Export\n{RIGHT}"}, "source_above_header"),
    "twins": (SHOP, {"o.csv": RIGHT.replace("channel", "Revenue").replace("revenue", "REVENUE")}, "source_twins"),
    "nothing in it": (SHOP, {"o.csv": ""}, "source_empty"),
    "another tool's export": (
        "- {name: meta, type: csv, path: o.csv, table: ad_performance, layout: meta_ads/by_day}",
        {"o.csv": RIGHT},
        "source_layout",
    ),
    "a folder without the tool's export": (
        "- {name: meta, type: csv, path: '*.csv', table: ad_performance, layout: meta_ads/by_day}",
        {"o.csv": RIGHT, "p.csv": OTHER},
        "source_no_layout",
    ),
    "a query of an absent column": (
        "- {name: shop, type: csv, path: o.csv, table: orders, query: 'select *, Umsatz AS revenue from source'}",
        {"o.csv": OTHER},
        "source_query",
    ),
    "no text of its encoding": (
        "- {name: shop, type: csv, path: o.csv, table: orders, encoding: utf-8}",
        {"o.csv": RIGHT.replace("search", "검색").encode("cp949")},
        "source_encoding",
    ),
    "no workbook": ("- {name: shop, type: xlsx, path: o.csv, table: orders}", {"o.csv": RIGHT}, "source_is_text"),
    "no file yet": (SHOP, {}, "source_no_file"),
}
FITTING: Mapping[str, tuple[str, dict[str, str | bytes]]] = {
    "as it is": (SHOP, {"o.csv": RIGHT}),
    "with a column that one file has": (
        "- {name: shop, type: csv, path: '*.csv', table: orders}",
        {"o.csv": RIGHT, "p.csv": RIGHT.replace("channel", "region")},
    ),
    "beside others in a folder": (
        "- {name: meta, type: csv, path: '*', table: ad_performance, layout: meta_ads/by_day}",
        {"meta.csv": META, "o.csv": RIGHT, "leave.csv": "", "picture.png": b"\x89PNG\x00\x01"},
    ),
    "in cp949": (SHOP, {"o.csv": RIGHT.replace("search", "검색").encode("cp949")}),
    "with a query": (
        f"- {{name: shop, type: csv, path: o.csv, table: orders, query: '{SUMS}'}}",
        {"o.csv": OTHER},
    ),
    "from a database": ("- {name: shop, type: sql, url: 'sqlite:///x.db', query: select 1, table: orders}", {}),
}


def written(folder: Path, source: str, files: Mapping[str, str | bytes]) -> Path:
    """A workspace with one source and its files."""
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    path = folder / "kpi.yaml"
    path.write_text(f"{FIRM}  {source}\n", "utf-8")
    return path


def misfits(config: Path) -> list[tuple[str, str]]:
    """File and code of each misfit."""
    found = misfits_of_headers(read_settings(config), load_catalog(), {}, None, lambda *_step: None)
    return [(misfit.file, misfit.error.code) for misfit in found]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_load_would_stop_at(tmp_path: Path, case: tuple[str, dict[str, str | bytes], str]) -> None:
    """It is told beforehand, in the words of the load, and nothing is loaded."""
    source, files, code = case
    config = written(tmp_path, source, files)
    told = misfits(config)
    assert [code for _file, code in told] == [code]
    assert not (tmp_path / "kpi.duckdb").exists()
    (outcome,) = load(read_settings(config), load_catalog(), now=datetime(2026, 11, 22, tzinfo=UTC)).sources
    assert isinstance(outcome.error, KpiBotError)
    assert outcome.error.code == code


@pytest.mark.parametrize("case", FITTING.values(), ids=FITTING)
def test_what_fits(tmp_path: Path, case: tuple[str, dict[str, str | bytes]]) -> None:
    """No needless word, whatever lies beside it."""
    assert misfits(written(tmp_path, *case)) == []


def test_every_file_of_every_source_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with the line of its source, with what to do, beside what else is wrong; those of one header together."""
    book = Workbook()
    book.worksheets[0].append(["Rechnung", "Kunde"])
    book.save(tmp_path / "book.xlsx")
    files = {"a.csv": OTHER, "b.csv": RIGHT, "c.csv": OTHER, "meta.csv": RIGHT}
    config = written(tmp_path, "- {name: shop, type: csv, path: '?.csv', table: orders}", files)
    with config.open("a", encoding="utf-8") as file:
        file.write("  - {name: book, type: xlsx, path: book.xlsx, table: orders}\n")
        file.write("  - {name: meta, type: csv, path: meta.csv, table: ad_performance, layout: meta_ads/by_day}\n")
        file.write("  - {name: later, type: csv, path: tomorrow.csv, table: leads}\n")
        file.write("goals: [{kpi: no_such_kpi, target: 1, by: 2026-12-31}]\n")
    assert main(["check", "--config", str(config), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    lines = {problem["line"]: problem for problem in printed["problems"]}
    assert set(lines) == {5, 6, 7, 9}
    assert lines[5]["message"].startswith("a.csv, c.csv: Not found: order_id. It has Invoice,")
    assert lines[5]["hint"].startswith("Say which column it is: columns: {order_id: ")
    assert "book.xlsx" in lines[6]["message"]
    assert "meta.csv is not meta_ads/by_day" in lines[7]["message"]
    assert [(note["line"], note["message"]) for note in printed["notes"]] == [(8, "No file matches tomorrow.csv")]


def test_a_file_that_is_not_there_yet_is_no_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, and the check is passed."""
    config = written(tmp_path, SHOP, {})
    assert main(["check", "--config", str(config)]) == 0
    assert "No file matches o.csv" in capsys.readouterr().out
