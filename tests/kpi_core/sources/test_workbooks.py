"""Workbooks: which sheet, which header, and cells as they are."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kpi_core.errors import DataError
from kpi_core.settings.values import Source
from kpi_core.sources import Raw, ReadRequest, reader_of
from kpi_core.sources.files import HeaderRule
from kpi_core.sources.xlsx.source import sheet_file

import long

Sheets = Mapping[str, Sequence[Sequence[object]]]
ORDERS = [["Order", "Day", "Total"], ["A1", date(2026, 10, 1), 12.5], ["A2", date(2026, 10, 2), 30]]


@dataclass(frozen=True)
class Back:
    rows: list[list[str]]
    places: list[str]
    raw: Raw

    @property
    def out(self) -> dict[str, int]:
        return {each.reason: each.rows for each in self.raw.left_out}


def saved(path: Path, sheets: Sheets, change: Callable[[Workbook], None] = lambda _book: None) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    change(book)
    book.save(path)
    return path


def replaced(path: Path, old: bytes, new: bytes) -> None:
    """Change what a sheet holds into what openpyxl does not write: a number that no floating-point number is."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part.replace(old, new) if name.startswith("xl/worksheets/") else part)


def read_back(path: Path, **options: Any) -> Back:
    with TemporaryDirectory() as workspace, duckdb.connect() as into:
        source = Source("shop", "xlsx", "orders", options={"path": path.name} | options)
        raw = reader_of("xlsx")(ReadRequest(source, path.parent, Path(workspace)), into)
        rows = [[cell or "" for cell in row] for row in into.execute("FROM source").fetchall()]
        return Back(rows, [str(raw.place(row)) for row in range(1, len(rows) + 1)], raw)


def test_cells(tmp_path: Path) -> None:
    """Numbers, dates, times, durations, truth and ids of 17 digits are what the cells hold; a failed formula shows."""
    cells: list[tuple[object, str]] = [
        (12, "12"), (12.5, "12.5"), (0.1, "0.1"), (-3, "-3"), (True, "true"), (date(2026, 10, 1), "2026-10-01"),
        (datetime(2026, 10, 1, 15, 5, 22), "2026-10-01 15:05:22"), (time(3, 4), "03:04:00"), ("#N/A", "#N/A"),
        (timedelta(hours=30, minutes=3), "30:03:00"), ("18012345678901261", "18012345678901261"),
        (711117, "18012345678901261"), ("0012", "0012"), ("두 줄\n메모", "두 줄\n메모"), (None, ""),
    ]  # fmt: skip
    path = saved(tmp_path / "a.xlsx", {"s": [[f"c{n}" for n in range(len(cells))], [cell for cell, _text in cells]]})
    replaced(path, b"<v>711117</v>", b"<v>18012345678901261</v>")
    back = read_back(path)
    assert back.rows == [[text for _cell, text in cells]]
    assert back.raw.written_by == "cells"


@pytest.mark.parametrize("name", ["orders.xls", "orders.xlsb"])
def test_older_and_binary_workbooks(name: str) -> None:
    """Excel's other formats hold the same cells: days, times, truth, digits of a text; an empty sheet is none."""
    back = read_back(Path(__file__).parent / "workbooks" / name)
    assert back.rows == [
        ["A-1", "2026-10-03 15:05:00", "1234.5", "2", "true", "가나다"],
        ["A-2", "2026-10-04", "-0.1", "3", "false", ""],
        ["0012", "2026-10-05", "1000000", "1", "true", "x"],
    ]


@pytest.mark.parametrize(
    ("cell", "failed", "at", "text"),
    [
        ("0502 0800 0100 0400 1100 0100", "0502 0800 0100 0400 1100 1701", 4, "#REF!"),
        ("0502 0800 0100 0400 1100 0100", "0502 0800 0100 0400 1100 0701", 4, "#DIV/0!"),
        # A formula with its result, and a record of no meaning over what is left of the two cells beside it.
        (
            "0302 0e00 0100 0100 1200 1cc7711c549be640",
            "0600 1600 0100 0100 1200 0200 2a00 0000 ffff 0000 00000000 0000 ef0f 0a00",
            1,
            "#N/A",
        ),
    ],
)
def test_a_failed_formula_of_an_old_workbook_shows(cell: str, failed: str, at: int, text: str, tmp_path: Path) -> None:
    """It is the error that Excel shows and no empty cell, so that a load tells of it."""
    content = (Path(__file__).parent / "workbooks" / "orders.xls").read_bytes()
    place, new = content.index(bytes.fromhex(cell)), bytes.fromhex(failed)
    (tmp_path / "orders.xls").write_bytes(content[:place] + new + content[place + len(new) :])
    back = read_back(tmp_path / "orders.xls")
    assert [row[at] == text for row in back.rows] == [True, False, False]
    assert len(back.rows) == 3


@pytest.mark.parametrize(
    ("cell", "failed", "place", "text"),
    [
        ("0409 04000000 00000000 00", "0309 04000000 00000000 17", (1, 4), "#REF!"),
        ("0510 01000000 01000000 1cc7711c549be640", "0b10 01000000 00000000 2a 00000000000000", (0, 1), "#N/A"),
    ],
)
def test_a_failed_formula_of_a_binary_workbook_shows(
    cell: str, failed: str, place: tuple[int, int], text: str, tmp_path: Path
) -> None:
    """As in an old one: the error stands where Excel shows it, and nowhere else."""
    (tmp_path / "orders.xlsb").write_bytes((Path(__file__).parent / "workbooks" / "orders.xlsb").read_bytes())
    replaced(tmp_path / "orders.xlsb", bytes.fromhex(cell), bytes.fromhex(failed))
    cells = {(row, at): each for row, cells in enumerate(read_back(tmp_path / "orders.xlsb").rows)
             for at, each in enumerate(cells)}  # fmt: skip
    assert [at for at, each in cells.items() if each == text] == [place]


def test_lines_above_the_header(tmp_path: Path) -> None:
    """A title over merged cells is told with the row of the header; rows are those of the sheet."""
    rows = [["Orders of October"], [], [], *ORDERS, ["Total", None, 42.5]]
    path = saved(tmp_path / "a.xlsx", {"s": rows}, lambda book: book["s"].merge_cells("A1:C1"))
    with pytest.raises(DataError) as caught:
        read_back(path)
    assert caught.value.hint == "Add header: 4 to the source, or skip: 3."
    for option in ({"header": 4}, {"skip": 3}):
        back = read_back(path, **option)
        assert back.rows == [["A1", "2026-10-01", "12.5"], ["A2", "2026-10-02", "30"]]
        assert back.places == ["a.xlsx, row 5", "a.xlsx, row 6"]
        assert back.out == {"preamble": 1, "total": 1}


def test_a_table_within_a_sheet(tmp_path: Path) -> None:
    """A table may begin in any cell, have empty rows, and another table below it, which is told."""
    rows = [[], [None, None, *ORDERS[0]], [None, None, *ORDERS[1]], [], [None, None, *ORDERS[2]], [],
            [None, None, "Device", "Share", "Clicks"], [None, None, "phone", 0.5, 7]]  # fmt: skip
    back = read_back(saved(tmp_path / "a.xlsx", {"s": rows}))
    there = [(place, row) for place, row in zip(back.places, back.rows, strict=True) if any(row)]
    assert there == [("a.xlsx, row 3", ["A1", "2026-10-01", "12.5"]), ("a.xlsx, row 5", ["A2", "2026-10-02", "30"])]
    assert back.out == {"other_table": 2}


def test_sheets(tmp_path: Path) -> None:
    """The only sheet that people see and that holds something is read; of several, one is asked for."""

    def hide(book: Workbook) -> None:
        book["hidden"].sheet_state = "hidden"

    assert read_back(saved(tmp_path / "a.xlsx", {"empty": [], "hidden": [["x"]], "s": ORDERS}, hide)).rows[0][0] == "A1"
    path = saved(tmp_path / "b.xlsx", {"notes": [["a", "b"], ["c", "d"]], "s": ORDERS})
    with pytest.raises(DataError, match="several sheets: notes, s"):
        read_back(path)
    assert read_back(path, sheet="s").rows[0][0] == "A1"
    with pytest.raises(DataError, match=r"no sheet x; it has notes, s"):
        read_back(path, sheet="x")


def test_the_sheet_of_a_layout(tmp_path: Path) -> None:
    """Where a layout says what its header is, the sheet that has it is read; a workbook without it has no rows."""
    path = saved(tmp_path / "b.xlsx", {"notes": [["a", "b"], ["c", "d"]], "s": [["Title"], *ORDERS]})
    request = ReadRequest(Source("s", "xlsx", "orders", options={"path": "b.xlsx"}), tmp_path, tmp_path)
    table = sheet_file(request, path, HeaderRule(is_header=lambda cells: "Order" in cells), tmp_path / "0.csv")
    assert (table.header_line, table.unit) == (2, "row")
    assert [cells[0] for _row, cells in table.records()] == ["Order", "A1", "A2"]
    none = sheet_file(request, path, HeaderRule(is_header=lambda _cells: False), tmp_path / "1.csv")
    assert list(none.records()) == []


def _locked(path: Path) -> None:
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    )


def _broken(path: Path) -> None:
    saved(path, {"s": ORDERS})
    path.write_bytes(path.read_bytes()[:2000])


def _other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "no workbook")


@pytest.mark.parametrize(
    ("write", "advice"),
    [
        (_locked, "take the password off"),
        (_broken, "download it again"),
        (_other_archive, "download it again"),
        (lambda path: path.write_bytes(b""), "download it again"),
        (lambda path: path.write_text("a,b\n1,2\n"), "type: csv"),
        (lambda path: path.write_text("<html><table><tr><td>a</td></tr></table></html>"), "save it as .xlsx"),
    ],
)
def test_what_is_no_workbook(write: Callable[[Path], Any], advice: str, tmp_path: Path) -> None:
    """A file that cannot be read is told with what to do about it."""
    write(tmp_path / "a.xlsx")
    with pytest.raises(DataError) as caught:
        read_back(tmp_path / "a.xlsx")
    assert advice in caught.value.hint


CELLS = st.one_of(
    st.none(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.decimals(-(10**6), 10**6, places=2).map(float),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.text("가나다 訂單abc,;\"'\n1-.", max_size=9).map(str.strip),
)


def as_text(cell: object) -> str:
    """What a cell should come back as."""
    if isinstance(cell, datetime):
        return str(cell) if cell.time() != time() else str(cell.date())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


@long.examples("workbooks with any cells", 8, 3_000, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_cells(rows: list[list[object]]) -> None:
    """Whatever stands in the cells comes back; only a line at either end that lacks a cell may be a total."""
    for row in (rows[0], rows[-1]):
        row[1:] = [as_text(cell) or "there" for cell in row[1:]]
    with TemporaryDirectory() as folder:
        table = [["Id", "When", "What"], *([f"n{number}", *row[1:]] for number, row in enumerate(rows))]
        back = read_back(saved(Path(folder) / "a.xlsx", {"s": table}), header=1)
    assert back.rows == [list(map(as_text, row)) for row in table[1:]]
    assert back.out == {}
