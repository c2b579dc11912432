"""What comes from outside reaches the Sheet as the text that it is, and what is typed there as what was meant."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import pytest
from second_sheets import second_sheets

from sheets_sync.client import SheetsClient, open_client
from sheets_sync.sandbox import LocalSheets, start_sheets
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.tabs.cells import LONGEST_TEXT, Cell, Day, Number, NumberFormat, Text, entered, format_of

LOCALES = ("en_US", "de_DE", "fr_FR", "tr_TR", "ko_KR", "zh_TW", "ja_JP")
HOW_MANY = 5_000
SEEDS = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "'quoted", "''", '=HYPERLINK("https://evil.example","x")', "=cmd|' /C calc'!A0"),
    *(
        "TRUE",
        "false",
        "WAHR",
        "참",
        "#REF!",
        "#N/A",
        "=",
        "+",
        "-",
        "@",
        "0",
        "007",
        "1e5",
        "1E+05",
        "٣٤",
        "１２",
        "½",
    ),
    *(
        "1.234,56",
        "1,234.56",
        "1 234,56",
        "1'234.50",
        "12 %",
        "12%",
        "50,5 %",
        "$5",
        "₩1,200",
        "5 €",
        "(42)",
        "1/2",
        "-",
    ),
    *(
        "2026-11-01",
        "1/2/2026",
        "01.02.2026",
        "2026. 11. 1.",
        "2026/11/1",
        "2026年11月1日",
        "1 Nov 2026",
        "12:30",
        "24:61",
    ),
    *(
        "zero\u200bwidth",
        "\ufeffmark",
        "\u202eevil\u202c",
        "\u2066lri\u2069",
        "e\u0301",
        "👩‍👩‍👧",
        "🏳️‍🌈",
        "𝒜",
        "\u00a0",
        " lead",
        "trail ",
    ),
    *(
        "tab\there",
        "line\nbreak",
        '"',
        "\\",
        "<script>",
        "{}",
        "null",
        "NaN",
        "Infinity",
        "ΑΒΓ",
        "ก็",
        "\u3000",
        "A1",
        "Sheet1!A1",
    ),
)
PARTS = (
    "=",
    "+",
    "-",
    "@",
    "'",
    '"',
    "1",
    "9",
    ".",
    ",",
    "%",
    "/",
    ":",
    " ",
    "e",
    "\u200b",
    "\u202e",
    "💸",
    "한",
    "TRUE",
    "\n",
    "(",
    ")",
)


def hostile() -> list[str]:
    """The same strings each time: the seeds, each with a sign before or after it, then texts of dangerous parts."""
    strings = list(SEEDS)
    strings += [f"{sign}{seed}" for sign in "=+-@'" for seed in SEEDS] + [
        f"{seed}{sign}" for sign in "%'" for seed in SEEDS
    ]
    drawn = random.Random(11)
    while len(strings) < HOW_MANY - 2:
        strings.append("".join(drawn.choices(PARTS, k=drawn.randint(1, 12))))
    return [*strings[: HOW_MANY - 2], "=" * LONGEST_TEXT, "9" * (LONGEST_TEXT + 1)]


@pytest.fixture(scope="module")
def sheets() -> Iterator[LocalSheets]:
    with start_sheets() as server:
        yield server


@pytest.fixture(scope="module")
def client(sheets: LocalSheets) -> Iterator[SheetsClient]:
    environment = {"KPI_SHEETS_API_URL": sheets.url, "GOOGLE_APPLICATION_CREDENTIALS": str(sheets.credentials_file)}
    opened = open_client(environment)
    yield opened
    opened.close()


def written(client: SheetsClient, spreadsheet: str, cells: list[Cell]) -> list[dict[str, object]]:
    """The values that come back for cells written one below the other, as production writes and reads them."""
    rows = [{"values": [_data(cell)]} for cell in cells]
    grid = {"sheetId": 0, "gridProperties": {"rowCount": len(cells) + 1, "columnCount": 1}}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    fields = "userEnteredValue,userEnteredFormat.numberFormat"
    resize = {"updateSheetProperties": {"properties": grid, "fields": "gridProperties"}}
    client.write(spreadsheet, [resize, {"updateCells": {"start": start, "rows": rows, "fields": fields}}])
    data = client.cells(spreadsheet, [0])["sheets"][0]["data"][0]
    return [row.get("values", [{}])[0].get("userEnteredValue", {}) for row in data["rowData"]]


def _data(cell: Cell) -> dict[str, object]:
    number_format = format_of(cell)
    look = {"numberFormat": {"type": number_format.type, "pattern": number_format.pattern}} if number_format else {}
    return {"userEnteredValue": entered(cell), **({"userEnteredFormat": look} if look else {})}


@pytest.mark.parametrize("locale", LOCALES)
def test_hostile_strings_arrive_as_text(sheets: LocalSheets, client: SheetsClient, locale: str) -> None:
    """5,000 of them, in every locale: each cell holds and shows the string, is no formula, number, date or truth."""
    strings = hostile()
    assert len(strings) == HOW_MANY
    key = sheets.create("Hostile", locale=locale)
    expected = [entered(Text(string)) for string in strings]
    read = written(client, key, [Text(string) for string in strings])
    assert read == expected[: len(read)]
    # What holds nothing visible at the end is cut off by Google, too.
    assert not any(expected[len(read) :])
    state = sheets.spreadsheet(key)
    reader = Reader(state, sheets.backend.files.clock())
    shown = [reader.text(state.sheets[0], (row, 0)) for row in range(len(strings))]
    assert shown == [str(value.get("stringValue", "")) for value in expected]


def test_they_arrive_as_text_on_the_second_sheets() -> None:
    """The same strings, through the same client, on an implementation that shares nothing with the first."""
    strings = hostile()
    with second_sheets() as second:
        client = open_client(second.environment)
        read = written(client, second.create("Hostile"), [Text(string) for string in strings])
        client.close()
        assert not second.unknown
    assert read == [entered(Text(string)) for string in strings][: len(read)]


def test_what_is_visible_of_a_string_stays() -> None:
    """Nothing but control characters goes, and a text that is too long ends with an ellipsis."""
    for string in hostile()[:-1]:
        expected = string.replace("\r\n", "\n")
        assert entered(Text(string)) == ({"stringValue": expected} if expected else {})
    (longest,) = entered(Text("9" * (LONGEST_TEXT + 1))).values()
    assert str(longest) == "9" * (LONGEST_TEXT - 1) + "…"


NUMBERS: tuple[tuple[Cell, dict[str, object]], ...] = (
    (
        Number(1234.56, NumberFormat("NUMBER", "#,##0.00")),
        {"en_US": "1,234.56", "de_DE": "1.234,56", "fr_FR": "1 234,56"},
    ),
    (Number(0.125, NumberFormat("PERCENT", "0.0%")), {"en_US": "12.5%", "de_DE": "12,5%", "ko_KR": "12.5%"}),
    (Number(41268, NumberFormat("CURRENCY", '"₩"#,##0')), {"en_US": "₩41,268", "de_DE": "₩41.268", "ko_KR": "₩41,268"}),
    (Day(date(2026, 11, 1)), dict.fromkeys(("en_US", "de_DE", "fr_FR", "ko_KR"), "2026-11-01")),
)


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "ko_KR"])
def test_numbers_percents_and_dates_arrive_typed(sheets: LocalSheets, client: SheetsClient, locale: str) -> None:
    """A number is a number whatever its format, a date a serial number, both shown as the locale does."""
    key = sheets.create("Typed", locale=locale)
    read = written(client, key, [cell for cell, _ in NUMBERS])
    assert [value.keys() for value in read] == [{"numberValue"}] * len(NUMBERS)
    assert read[1] == {"numberValue": 0.125}
    assert read[3] == {"numberValue": 46327}
    state = sheets.spreadsheet(key)
    reader = Reader(state, sheets.backend.files.clock())
    for row, (_, shown) in enumerate(NUMBERS):
        if locale in shown:
            assert reader.text(state.sheets[0], (row, 0)) == shown[locale]


@pytest.mark.parametrize(
    ("locale", "typed", "value"),
    [
        ("en_US", "1,234.56", 1234.56),
        ("de_DE", "1.234,56", 1234.56),
        ("fr_FR", "1 234,56", 1234.56),
        ("de_DE", "12,5%", 0.125),
        ("ko_KR", "₩1,200", 1200),
        ("en_US", "11/1/2026", 46327),
        ("en_GB", "1/11/2026", 46327),
        ("de_DE", "1.11.2026", 46327),
        ("ko_KR", "2026. 11. 1", 46327),
        ("zh_TW", "2026/11/1", 46327),
        ("ja_JP", "2026-11-01", 46327),
    ],
)
def test_what_people_type_arrives_typed(
    sheets: LocalSheets, client: SheetsClient, locale: str, typed: str, value: float
) -> None:
    """A number, a percent, an amount and a date in the style of the spreadsheet's locale are numbers to production."""
    key = sheets.create("Typed by hand", locale=locale)
    sheets.person.edit(key, "A1", typed)
    assert client.cells(key, [0])["sheets"][0]["data"][0]["rowData"][0]["values"][0] == {
        "userEnteredValue": {"numberValue": value}
    }
