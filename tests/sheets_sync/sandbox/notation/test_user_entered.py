"""What Sheets makes of typed text, in the locale of the spreadsheet."""

from __future__ import annotations

from typing import Any

import gspread
import pytest

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.notation.user_entered import typed

TYPED: tuple[tuple[str, str, Any, str | None], ...] = (
    ("en_US", "1,234.5", 1234.5, "#,##0.00"),
    ("en_US", "12.5%", 0.125, "0.00%"),
    ("en_US", "12%", 0.12, "0%"),
    ("en_US", "$5", 5, '"$"#,##0'),
    ("en_US", "11/23/2026", 46349, "m/d/yyyy"),
    ("en_US", "2026-11-23", 46349, "yyyy-mm-dd"),
    ("en_US", "2026-11-23 10:30", 46349.4375, "yyyy-mm-dd h:mm"),
    ("en_US", "6:00 PM", 0.75, "h:mm am/pm"),
    ("en_US", "(5)", -5, None),
    ("en_US", "007", 7, None),
    ("en_US", "1.2.3.4", "1.2.3.4", None),
    ("en_US", "1,5", "1,5", None),
    ("en_US", "13/45/2026", "13/45/2026", None),
    ("en_US", "'=1+1", "=1+1", None),
    ("en_US", "true", True, None),
    ("en_US", "N/A", "N/A", None),
    ("en_GB", "23/11/2026", 46349, "dd/mm/yyyy"),
    ("de_DE", "1.234,5", 1234.5, "#,##0.00"),
    ("de_DE", "1,5", 1.5, None),
    ("de_DE", "23.11.2026", 46349, "dd.mm.yyyy"),
    ("de_DE", "5 €", 5, '#,##0" €"'),
    ("ko_KR", "₩1,200", 1200, '"₩"#,##0'),
    ("ko_KR", "2026. 11. 23", 46349, "yyyy. m. d"),
    ("zh_TW", "2026/11/23", 46349, "yyyy/m/d"),
)


@pytest.mark.parametrize(("locale", "text", "value", "pattern"), TYPED)
def test_typed_text_is_read_in_the_spreadsheets_locale(locale: str, text: str, value: Any, pattern: str | None) -> None:
    """USER_ENTERED makes numbers, money, percents, dates and booleans of text as the locale writes them."""
    extended, number_format = typed(text, locale)
    assert extended is not None
    (stored,) = extended.values()
    assert (stored, type(stored) is bool) == (value, type(value) is bool)
    assert (number_format or {}).get("pattern") == pattern


def test_a_typed_number_is_shown_as_it_was_typed(sheets: LocalSheets, client: gspread.Client) -> None:
    """A German spreadsheet takes a decimal comma and shows it again; the number itself has none."""
    tab = client.open_by_key(sheets.create("DE", locale="de_DE")).sheet1
    tab.update([["1.234,5", "12,5%", "=1,5+1"]], "A1", raw=False)
    assert tab.get("A1:C1") == [["1.234,50", "12,50%", "2,5"]]
    assert tab.get("A1:C1", value_render_option="UNFORMATTED_VALUE") == [[1234.5, 0.125, 2.5]]
