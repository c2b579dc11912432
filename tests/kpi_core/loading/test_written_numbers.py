"""Numbers of text columns are read by the style that the column itself proves, or asked for; never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.loading.reading.columns import Declared, readings
from kpi_core.loading.reading.layers import beside, together
from kpi_core.loading.reading.written_days import Clock
from kpi_core.metrics import Column, ColumnType
from kpi_core.sources.cell_texts import number_text

import long
from tables import new_tables

ASKED = "asked"
"""A value that could mean two things."""


def read(texts: Sequence[str], to: ColumnType = "decimal", decimal: Any = "", written_by: Any = "people") -> list[Any]:
    """What each text of a column means: a number, None where it is none, ASKED."""
    return read_beside([texts], to, Declared(Clock("UTC"), decimal, written_by))[0]


def read_beside(columns: Sequence[Sequence[str]], to: ColumnType, declared: Declared) -> list[list[Any]]:
    """The same of several columns of one file."""
    names = [f"v{place}" for place in range(len(columns))]
    with new_tables() as connection:
        connection.execute(f"CREATE TABLE source ({', '.join(f'{name} VARCHAR' for name in names)})")
        connection.executemany(f"INSERT INTO source VALUES ({', '.join('?' * len(names))})", zip(*columns, strict=True))
        rows = "SELECT rowid AS row, * FROM source"
        typed = {name: (Column(name, to), f'"{name}"', "VARCHAR") for name in names}
        made = readings(typed, rows, lambda sql: connection.execute(sql).fetchall(), declared)
        values = ", ".join(f"CASE WHEN {r.value} IS NULL AND {r.open} THEN 'asked' END, {r.value}" for r in made)
        typed_rows = connection.execute(
            f"SELECT {values} FROM ({beside(rows, together(made))}) ORDER BY row"
        ).fetchall()
    return [[row[2 * place] or row[2 * place + 1] for row in typed_rows] for place in range(len(names))]


@pytest.mark.parametrize(
    ("others", "open_", "number"),
    [
        ([["12,34"]], "1.000", 1000),
        ([["12,34 €"], ["7"]], "4.750", 4750),
        ([["12.34"]], "1,000", 1000),
        ([["12.34"]], "1.250", Decimal("1.25")),
        ([["$1,234.50"]], "2,000", 2000),
        ([["22,000원"]], "8,000", 8000),
        ([["12,34"], ["5.50"]], "1.000", ASKED),
        ([["3,000"], ["7"]], "1.000", ASKED),
        ([["12.34"], ["₩1.000"]], "2,000", ASKED),
    ],
)
def test_columns_that_one_tool_wrote_share_their_sign(others: list[list[str]], open_: str, number: Any) -> None:
    """In the export of a tool a column that says nothing is read as the others, if they agree; in a list it is not."""
    exported = read_beside([*others, [open_]], "decimal", Declared(Clock("UTC", one_writer=True)))
    assert exported[-1] == [number]
    assert read_beside([*others, [open_]], "decimal", Declared(Clock("UTC")))[-1] == [ASKED]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1.488,69", "1.000", "12,50", "7"], ["1488.69", "1000", "12.5", "7"]),
        (["1,000.50", "1,000", "12"], ["1000.5", "1000", "12"]),
        (["1.000.000", "2.500"], ["1000000", "2500"]),
        (["1,000,000", "2,500"], ["1000000", "2500"]),
        (["12,34,567", "1,000"], ["1234567", "1000"]),
        (["0.500", "4.750"], ["0.5", "4.75"]),
        (["1234.567", "4.750"], ["1234.567", "4.75"]),
        (["1,5E+3", "1.000"], ["1500", "1000"]),
        (["1\u00a0234,50", "1\u202f000", "7 000"], ["1234.5", "1000", "7000"]),
        (["1'234.50", "1’000"], ["1234.5", "1000"]),
        (["₩1,234,000", "5,000원", "KRW 7"], ["1234000", "5000", "7"]),
        (["NT$1,234.5", "$ 7", "-$5", "$-5"], ["1234.5", "7", "-5", "-5"]),
        (["(1,234.50)", "5-", "−7", "+8"], ["-1234.5", "-5", "-7", "8"]),
        (["12 %", "3.5%"], ["0.12", "0.035"]),
        (
            ["1.2만", "3억 2,345만 6,789", "5천만", "2萬", "1.5億"],
            ["12000", "323456789", "50000000", "20000", "150000000"],
        ),
        (["１，２３４．５", "１２"], ["1234.5", "12"]),
        (["10000000000000.000001", "0.000001"], ["10000000000000.000001", "0.000001"]),
        (["1e3", "2.5E-3"], ["1000", "0.0025"]),
    ],
)
def test_a_column_proves_its_style(texts: list[str], numbers: list[str]) -> None:
    """One value with a single reading settles the whole column; signs of money and minus do not matter."""
    assert read(texts) == [Decimal(number) for number in numbers]


@pytest.mark.parametrize(
    ("texts", "read_as"),
    [
        (["4.750", "1.000"], [ASKED, ASKED]),
        (["1,000", "10"], [ASKED, Decimal(10)]),
        (["12,50", "12.50", "1,000"], [Decimal("12.5"), Decimal("12.5"), ASKED]),
        (["1.234만"], [ASKED]),
        (["₩1.000", "₩12.5"], [ASKED, Decimal("12.5")]),
        (["1,000원", "12,5원"], [ASKED, Decimal("12.5")]),
        (["¥1.000", "¥2,000"], [ASKED, ASKED]),
        (["NT$1,234"] * 40 + ["NT$7,5"], [ASKED] * 40 + [Decimal("7.5")]),
        (["1.234 ₫", "1.5 ₫"], [ASKED, Decimal("1.5")]),
        (["50.000 đ", "7 đ"], [Decimal(50000), Decimal(7)]),
        (["$5", "€6", "7"], [None, None, Decimal(7)]),
        (["12%", "3%", "4"], [Decimal("0.12"), Decimal("0.03"), None]),
    ],
)
def test_what_nothing_settles_is_asked(texts: list[str], read_as: list[Any]) -> None:
    """A thousand or one; two styles side by side; two currencies; a bare 4 among percentages."""
    assert read(texts) == read_as


@pytest.mark.parametrize(
    "text", ["1e400", "nan", "inf", "1_000", "1.2.3", "12,3,4", "(5", "--5", "BAD 0", "1 2", "5%%", ""]
)
def test_what_is_no_number_is_none(text: str) -> None:
    """Nothing that only looks like a number becomes one."""
    assert read([text, "7"]) == [None, Decimal(7)]


def test_a_declared_sign_settles_it() -> None:
    """`decimal:` says what 1.000 is; what contradicts it does not fit."""
    assert read(["1.000", "12.50", "7,5"], decimal=",") == [Decimal(1000), None, Decimal("7.5")]
    assert read(["1,000", "12,50", "7.5"], decimal=".") == [Decimal(1000), None, Decimal("7.5")]
    assert read(["₩1.000", "₩12.5"], decimal=".") == [Decimal(1), Decimal("12.5")]
    assert read(["₩1.000", "₩12.5"], decimal=",") == [Decimal(1000), None]
    assert read(["₩1,000", "₩2,000"], decimal=",") == [None, None]


def test_whole_numbers_have_no_fraction() -> None:
    """A column of counts that says 1.234 means a thousand and more; 1.000 alone is asked, 1.5 is no count."""
    assert read(["1.234", "1.000"], "integer") == [1234, 1000]
    assert read(["1.000"], "integer") == [ASKED]
    assert read(["1.234", "2.50"], "integer") == [ASKED, None]
    assert read(["1.234만", "7"], "integer") == [ASKED, 7]
    assert read(["1.5"], "integer") == [None]


def test_a_machine_writes_points() -> None:
    """A database's 4.750 and a cell's 4.751 are fractions; 4.750 or 4.751 in a cell of text is open."""
    assert read(["4.750"], written_by="database") == [Decimal("4.75")]
    assert read([number_text(4.751)], written_by="cells") == [Decimal("4.751")]
    assert read(["4.751"], written_by="cells") == ["asked"]
    assert read(["4.750"], written_by="cells") == [ASKED]
    assert read([number_text(4.751), "1.488,69"], written_by="cells", decimal=",") == [
        Decimal("4.751"),
        Decimal("1488.69"),
    ]


@dataclass(frozen=True)
class Style:
    """A way to write numbers: what parts thousands, the decimal sign, how a negative is marked, what stands around."""

    thousands: str
    decimal: str
    minus: str
    around: str
    places: int

    def write(self, number: Decimal) -> str:
        whole, _, fraction = f"{abs(number):,.{self.places}f}".partition(".")
        text = whole.replace(",", self.thousands) + (self.decimal + fraction if fraction else "")
        text = self.around.format(text)
        return self.minus.format(text) if number < 0 else text


STYLES = st.builds(
    lambda signs, minus, around, places: Style(*signs, minus, around, places),
    st.sampled_from(
        [(",", "."), (".", ","), ("", "."), ("", ","), (" ", ","), ("\u00a0", ","), ("'", "."), (" ", ".")]
    ),
    st.sampled_from(["-{}", "{}-", "({})", "−{}"]),
    st.sampled_from(["{}", "₩{}", "{} €", "USD {}", "{}원"]),
    st.sampled_from([0, 1, 2, 3, 6]),
)


@long.examples("columns of numbers", 6, 1_000)
@given(STYLES, st.lists(st.integers(-(10**19), 10**19) | st.integers(-(10**4), 10**7), min_size=1, max_size=8))
def test_any_style_is_read_back_or_asked(style: Style, units: list[int]) -> None:
    """Whatever style a column is written in: each value is read back exactly, or asked for; no value is another.

    Won has no thousandths: three figures after a sign are thousands there, unless another value proves the sign.
    """
    numbers = [Decimal(unit).scaleb(-style.places) for unit in units]
    texts = [style.write(number) for number in numbers]
    if style.places == 3 and style.around in {"₩{}", "{}원"} and all(1 <= abs(n) < 1_000 for n in numbers):
        assert read(texts) == [1_000 * number for number in numbers]
        return
    got = read(texts)
    assert all(value in {ASKED, number} or abs(number) >= 10**18 for value, number in zip(got, numbers, strict=True))
    declared = read(texts, decimal=style.decimal)
    assert [n for n in declared if n is not None] == [n for n in numbers if abs(n) < 10**18]
