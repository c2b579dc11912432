"""Rows as CSV: every value comes back, and no text of somebody else's runs in a spreadsheet."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.formats.csv_text import csv_text

import long

RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12381.5, "12381.5"),
        (300.0, "300"),
        (-0.0625, "-0.0625"),
        (1e300, "1e+300"),
        (0.0, "0"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (date(2026, 10, 1), "2026-10-01"),
        ("검색, 네이버", '"검색, 네이버"'),
        ('say "hi"', '"say ""hi"""'),
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("  =1+1", "'  =1+1"),
        ("-", "'-"),
        ("@home", "'@home"),
        ("a-b", "a-b"),
    ],
)
def test_a_value(value: object, text: str) -> None:
    """Numbers in full, a negative one as it is, no data as nothing, texts that would run with an apostrophe."""
    assert csv_text(["a", "b"], [["x", value]]) == f"a,b\r\nx,{text}\r\n"


@long.examples("texts in CSV", 50, 5_000)
@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_nan=False)), max_size=5))
def test_whatever_the_texts_are(rows: list[tuple[str, float]]) -> None:
    """Read again, each text is itself or itself behind one apostrophe, none begins a formula, each number is equal."""
    read = list(csv.reader(StringIO(csv_text(["text", "number"], rows), newline="")))
    assert read[0] == ["text", "number"]
    for (text, number), (text_again, number_again) in zip(rows, read[1:], strict=True):
        assert text_again in {text, f"'{text}"}
        assert not text_again.lstrip(" ").startswith(RUNS)
        assert float(number_again) == number
