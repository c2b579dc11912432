"""The page that shows a spreadsheet."""

from __future__ import annotations

import urllib.request

import gspread

from sheets_sync.sandbox import LocalSheets


def page(sheets: LocalSheets, address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return str(answer.read().decode())


def test_printed_addresses_open(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """The address of a spreadsheet shows its tabs and cells as people see them, and escapes what they hold."""
    book.sheet1.update([["<b>x</b>", "12.5%", "=1/0"]], "A1", raw=False)
    book.sheet1.format("A1", {"textFormat": {"bold": True}, "backgroundColor": {"red": 1}})
    text = page(sheets, sheets.address(book.id))
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "<b>x" not in text
    assert "<td class=number>12.50%</td>" in text
    assert "<td class=error>#DIV/0!</td>" in text
    assert "font-weight:600;background:rgb(255,0,0)" in text
    assert f"/spreadsheets/d/{book.id}/edit" in page(sheets, f"{sheets.url}/")
