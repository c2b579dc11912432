"""What people see for a number under a pattern, and dates as serial numbers."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sandbox.notation.number_patterns import display_text, moment_of, serial

SHOWN: tuple[tuple[str, float, str], ...] = (
    ("0.0%", 0.1234, "12.3%"),
    ("0.00%", -0.5, "-50.00%"),
    ('"₩"#,##0', 12345.6, "₩12,346"),
    ("#,##0.00", -1234567.891, "-1,234,567.89"),
    ('#,##0;(#,##0);"-"', -5, "(5)"),
    ('#,##0;(#,##0);"-"', 0, "-"),
    ("+0.0%;-0.0%;0.0%", 0.12, "+12.0%"),
    ('[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', 1234567, "1.2M"),
    ('[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', 950, "950"),
    ("0.##", 1.5, "1.5"),
    ("0.00E+00", 12345, "1.23E+04"),
    ("[Red]0", 3, "3"),
    ('0.0"x"', 3.25, "3.3x"),
    ("0.00", -0.001, "0.00"),
    ("yyyy-mm-dd", 43831, "2020-01-01"),
    ("yyyy-mm-dd hh:mm:ss", 43831.75, "2020-01-01 18:00:00"),
    ("dddd, mmm d", 43831, "Wednesday, Jan 1"),
    ("h:mm am/pm", 0.5, "12:00 PM"),
    ("[h]:mm", 1.5, "36:00"),
)


@pytest.mark.parametrize(("pattern", "value", "text"), SHOWN)
def test_number_formats_show_what_people_see(pattern: str, value: float, text: str) -> None:
    """Percent, money, thousands, sections, conditions, dates and durations look as in Sheets."""
    assert display_text(value, {"type": "NUMBER", "pattern": pattern}) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1 / 3, "0.3333333333"), (0.1 + 0.2, "0.3"), (1e15, "1E+15"), (43831, "43831"), (-2.5, "-2.5")]
)
def test_numbers_without_a_format(value: float, text: str) -> None:
    """The automatic format shows ten digits and whole numbers in full."""
    assert display_text(value, None) == text


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_serial_numbers_round_trip(moment: datetime) -> None:
    """A date-time becomes a serial number and back without loss of a second."""
    assert moment_of(serial(moment)).replace(tzinfo=None) == moment
