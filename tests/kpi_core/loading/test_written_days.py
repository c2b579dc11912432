"""Days and times of text columns are read by the order that the column itself proves, or asked for; never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.loading.reading.columns import Declared, readings
from kpi_core.loading.reading.layers import beside, together
from kpi_core.loading.reading.written_days import LAST_YEAR, Clock
from kpi_core.metrics import Column, ColumnType

import long
from tables import new_tables

ASKED = "asked"
"""A value that could mean two days."""


def read(
    texts: Sequence[Any], to: ColumnType = "date", dates: Any = "", zone: str = "UTC", raw: str = "VARCHAR",
    last_year: int = LAST_YEAR, *, by_months: bool = False, by_republic: bool = False,
) -> list[Any]:  # fmt: skip
    """What each text of a column means: a day or a UTC instant, None where it is none, ASKED."""
    with new_tables() as connection:
        connection.execute(f"CREATE TABLE source (v {raw})")
        connection.execute("INSERT INTO source SELECT unnest(?)", [list(texts)])
        columns = {"v": (Column("v", to), '"v"', raw)}
        declared = Declared(
            Clock(zone, dates, last_year=last_year),
            months=frozenset({"v"} if by_months else ()),
            republic=frozenset({"v"} if by_republic else ()),
        )
        made = readings(
            columns, "SELECT rowid AS row, * FROM source", lambda sql: connection.execute(sql).fetchall(), declared
        )
        rows = beside("SELECT rowid AS row, * FROM source", together(made))
        sql = f"""
            SELECT CASE WHEN {made[0].value} IS NULL AND {made[0].open} THEN 'asked' END, {made[0].value}
            FROM ({rows}) ORDER BY row"""
        return [asked or value for asked, value in connection.execute(sql).fetchall()]


OCTOBER_3 = date(2026, 10, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10", "2026/10", "2026.10", "2026. 10.", "2026년 10월", "2026년10월", "2026年10月", "10/2026", "10.2026",
        "October 2026", "Oct, 2026", "Okt. 2026", "２０２６－１０",
    ],
)  # fmt: skip
def test_a_month_is_its_first_day_where_amounts_are_entered_by_the_month(text: str) -> None:
    """A cost of October is booked on its first day; anywhere else a month is no day: its sum is not that day's."""
    assert read([text, "2026-10-03", "2026-1"], by_months=True) == [date(2026, 10, 1), OCTOBER_3, date(2026, 1, 1)]
    assert read([text]) == [None]


def test_days_of_an_era_are_read_where_months_are() -> None:
    """In a list by the month, too, whose days are looked at for the names of months."""
    assert read(["令和8年10月3日", "民國115年10月3日", "2026-10"], by_months=True) == [
        OCTOBER_3,
        OCTOBER_3,
        date(2026, 10, 1),
    ]


@pytest.mark.parametrize("text", ["2026.1", "2026-13", "0/2026", "10", "26-10"])
def test_what_may_be_another_month_is_none(text: str) -> None:
    """2026.1 may be what a spreadsheet made of 2026.10."""
    assert read([text], by_months=True) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-03", "2026/10/3", "2026.10.3", "2026. 10. 3.", "2026. 10. 3. (토)", "2026年10月3日", "2026년 10월 3일",
        "20261003", "03.10.2026", "3.10.2026", "3 Oct 2026", "3-Oct-2026", "Oct 3, 2026", "October 3 2026",
        "3rd October 2026", "Sat, 03 Oct 2026", "2026-Oct-03", "２０２６－１０－０３", "2026-10-03 17:04",
        "2026-10-03T17:04:09.5",
    ],
)  # fmt: skip
def test_unmistakable_days(text: str) -> None:
    """The year first, a month by its name, points between: one reading."""
    assert read([text]) == [OCTOBER_3]


ERAS = [
    "民國115年10月3日", "民國 115 年 10 月 3 日", "中華民國115年10月03日", "民國115/10/3", "民國115.10.03",
    "民国115-10-03", "令和8年10月3日", "令和 8年10月3日(土)", "令和8/10/3", "R8.10.3", "R8/10/03",
    "R08-10-03", "Ｒ８．１０．３",
]  # fmt: skip


def test_days_of_an_era_that_they_name() -> None:
    """民國115年, 令和8年 and R8 are 2026 by their own words, beside days of the common count; an era's first year has a
    word of its own.
    """
    assert read([*ERAS, "2026-10-03"]) == [OCTOBER_3] * (len(ERAS) + 1)
    assert read(["令和元年5月1日", "平成31年4月30日", "H31.4.30", "昭和63年12月31日", "民國元年1月1日"]) == [
        date(2019, 5, 1), date(2019, 4, 30), date(2019, 4, 30), date(1988, 12, 31), date(1912, 1, 1),
    ]  # fmt: skip
    times = ["民國115年10月3日 下午 03:05", "令和8年10月3日15:05", "R8.10.3, 15:05", "民國115/10/03 15:05 +0800"]
    assert read(times, "timestamp") == [*[datetime(2026, 10, 3, 15, 5)] * 3, datetime(2026, 10, 3, 7, 5)]


BARE = ["115/10/03", "115/10/3", "115-10-03", "115.10.3", "115年10月3日", "1151003"]


def test_a_bare_year_of_three_digits_needs_its_era() -> None:
    """115/10/03 is 2026 only where the file says 民國, or another day of its column does; else it is no day at all."""
    assert read([*BARE, "99/12/31", "2026/10/03"], by_republic=True) == [
        *[OCTOBER_3] * len(BARE), date(2010, 12, 31), OCTOBER_3,
    ]  # fmt: skip
    assert read(["115/10/03 下午 3:05"], "timestamp", by_republic=True) == [datetime(2026, 10, 3, 15, 5)]
    assert read(["民國115年10月3日", *BARE]) == [OCTOBER_3] * (len(BARE) + 1)
    assert read(BARE) == read(["R8.10.3", *BARE])[1:] == [None] * len(BARE)


@pytest.mark.parametrize(
    "text", ["民國115年13月3日", "令和8年2月30日", "R8.0.3", "R8", "令和8年", "大正8年1月1日", "T8.1.1"]
)
def test_what_is_no_day_of_an_era(text: str) -> None:
    """A month or a day that there is not, a year alone, an era that nobody writes any more."""
    assert read([text, "令和8年10月3日"]) == [None, OCTOBER_3]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-10-31 22:30:00 -0500", datetime(2026, 11, 1, 3, 30)),
        ("2026-10-31 22:30:00 -05:00", datetime(2026, 11, 1, 3, 30)),
        ("2026-10-31 22:30 -05", datetime(2026, 11, 1, 3, 30)),
        ("2026-10-31T22:30:00−05:00", datetime(2026, 11, 1, 3, 30)),
        ("2026-10-31 22:30:00 +0900", datetime(2026, 10, 31, 13, 30)),
        ("2026-10-31 22:30 UTC", datetime(2026, 10, 31, 22, 30)),
        ("2026-10-31 22:30:00.250Z", datetime(2026, 10, 31, 22, 30, 0, 250_000)),
        ("10/31/2026 10:30 PM", datetime(2026, 10, 31, 22, 30)),
        ("10/31/2026 12:30 am", datetime(2026, 10, 31, 0, 30)),
        ("2026. 10. 31. 오후 10:30", datetime(2026, 10, 31, 22, 30)),
        ("2026年10月31日下午10:30", datetime(2026, 10, 31, 22, 30)),
        ("Sat, 31 Oct 2026 22:30:00 +0900", datetime(2026, 10, 31, 13, 30)),
        ("2026/10/31 10:30:00 오후 GMT+9", datetime(2026, 10, 31, 13, 30)),
        ("2026/10/31 10:30:00 下午 [GMT+8]", datetime(2026, 10, 31, 14, 30)),
        ("2026/10/31 10:30:00 PM GMT-5", datetime(2026, 11, 1, 3, 30)),
        ("2026-10-31 22:30 +1630", None),
        ("2026-10-31 25:00", None),
        ("2026-10-31 13:30 PM", None),
    ],
)
def test_times(text: str, utc: datetime | None) -> None:
    """A clock with or without an offset of either sign, of twelve hours too."""
    assert read([text, "2026-10-01"], "timestamp") == [utc, datetime(2026, 10, 1)]


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["10/31/2026", "10/3/2026"], [date(2026, 10, 31), OCTOBER_3]),
        (["31/10/2026", "3/10/2026"], [date(2026, 10, 31), OCTOBER_3]),
        (["3-10-2026", "31-10-2026"], [OCTOBER_3, date(2026, 10, 31)]),
        (["10.31.2026", "10.3.2026"], [date(2026, 10, 31), OCTOBER_3]),
        (["10/3/2026", "5/5/2026"], [ASKED, date(2026, 5, 5)]),
        (["31/10/2026", "10/31/2026", "10/3/2026"], [date(2026, 10, 31), date(2026, 10, 31), ASKED]),
        (["26/10/25", "10-03-26"], [ASKED, ASKED]),
        (["3-10-26"], [ASKED]),
        (["31/10/26"], [ASKED]),
        (["15/10/26", "5/5/26"], [date(2026, 10, 15), date(2026, 5, 5)]),
        (["5/5/26", "3.10.26"], [date(2026, 5, 5), OCTOBER_3]),
        (["19.03.05", "24.11.30"], [ASKED, ASKED]),
        (["46298", "2026-10-03"], [ASKED, OCTOBER_3]),
        (["2026-02-30", "13/13/2026", "yesterday", "1791000000", "-", ""], [None] * 6),
    ],
)
def test_a_day_above_twelve_proves_the_order(texts: list[str], days: list[Any]) -> None:
    """One such day settles the column; where none or two orders are proven, what is open is asked."""
    assert read(texts) == days


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["20/01/05"], [ASKED]),  # 5 January 2020, or 20 January 2005
        (["5/5/20"], [ASKED]),
        (["20/01/05", "20/01/28"], [date(2020, 1, 5), date(2020, 1, 28)]),  # there has been no 2028 yet
        (["13/03/26"], [date(2026, 3, 13)]),  # 2013 is long past, 2026 is not
        (["26/10/05"], [date(2026, 10, 5)]),
        (["26/10/25"], [ASKED]),
        (["05/06/28"], [date(2005, 6, 28)]),
    ],
)
def test_long_past_is_no_proof(texts: list[str], days: list[Any]) -> None:
    """In 2026 one recent reading of two digits counts; where all are long past, only the impossible are out."""
    assert read(texts, last_year=2027) == days


@pytest.mark.parametrize(
    ("dates", "texts"),
    [
        ("dmy", ["3/10/2026", "03-10-26", "3.10.2026", "2026-10-03"]),
        ("mdy", ["10/3/2026", "10-03-26", "10.3.2026", "2026-10-03"]),
        ("ymd", ["26/10/03", "26.10.3", "2026-10-03"]),
        ("serial", ["46298", "46298.75", "2026-10-03"]),
    ],
)
def test_a_declared_order_settles_it(dates: str, texts: list[str]) -> None:
    """`dates:` reads what is open; what contradicts it does not fit."""
    assert read(texts, dates=dates) == [OCTOBER_3] * len(texts)
    assert read(["31/10/2026"], dates="mdy") == [None]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul", "Pacific/Kiritimati"])
def test_dates_stay_dates_everywhere(zone: str) -> None:
    """A day without a clock, or one that every row gives as midnight UTC, is that day west of Greenwich too."""
    for texts in (["2026-10-03"], ["2026-10-03T00:00:00Z"], ["2026-10-03 00:00:00 +0000", "03.10.2026"]):
        assert read(texts, zone=zone) == [OCTOBER_3] * len(texts)
    utc = datetime(2026, 10, 3).replace(tzinfo=timezone.utc)  # noqa: UP017  (a zone of the tests' own)
    assert read([utc], zone=zone, raw="TIMESTAMPTZ") == [OCTOBER_3]
    assert read([OCTOBER_3], zone=zone, raw="DATE") == [OCTOBER_3]


def test_instants_of_a_day_column_are_cut_by_the_zone() -> None:
    """One row with a clock of its own shows that all are instants."""
    texts = ["2026-10-03T00:00:00Z", "2026-10-03T02:00:00Z", "2026-10-03T12:00:00Z"]
    assert read(texts, zone="America/New_York") == [date(2026, 10, 2), date(2026, 10, 2), OCTOBER_3]


FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y. %m. %d.", "%Y年%m月%d日", "%Y년 %m월 %d일", "%Y%m%d", "%d.%m.%Y", "%d %b %Y",
    "%B %d, %Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%y.%m.%d",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", "T%H:%M:%S", "T%H:%M:%S.%f")
DAYS = st.datetimes(datetime(1990, 1, 1), datetime(2059, 12, 31))


@long.examples("columns of days", 6, 1_000)
@given(
    st.sampled_from(FORMS),
    st.sampled_from(CLOCKS),
    st.sampled_from([None, "+0900", "-0500", " -0330", " +05:45", "Z"]),
    st.lists(DAYS, min_size=1, max_size=6),
)
def test_any_form_is_read_back_or_asked(form: str, clock: str, offset: str | None, moments: list[datetime]) -> None:
    """Whatever form a column has: each value is the moment it was, or asked for; no value is another moment."""
    # A year of two digits is one from 2020 on wherever another reading of the day would be one.
    is_short = "%y" in form
    drawn = [each.replace(year=max(each.year, 2020), day=min(each.day, 28)) if is_short else each for each in moments]
    clocked = [_cut(moment, clock) for moment in drawn]
    texts = [moment.strftime(form + clock) + (offset or "" if clock else "") for moment in clocked]
    moved = [moment - (_offset(offset) if offset and clock else timedelta()) for moment in clocked]
    got = read(texts, "timestamp")
    assert all(value in {ASKED, moment} for value, moment in zip(got, moved, strict=True))
    order = {"%d": "dmy", "%m": "mdy", "%y": "ymd"}.get(form[:2], "")
    assert read(texts, "timestamp", order) == moved


def _cut(moment: datetime, clock: str) -> datetime:
    """The moment as far as the clock tells it."""
    if "%f" in clock:
        return moment
    moment = moment.replace(microsecond=0)
    if "%S" not in clock:
        moment = moment.replace(second=0)
    return moment if clock else moment.replace(hour=0, minute=0)


def _offset(text: str) -> timedelta:
    plain = text.strip().replace(":", "")
    if plain == "Z":
        return timedelta()
    sign = -1 if plain[0] == "-" else 1
    return sign * timedelta(hours=int(plain[1:3]), minutes=int(plain[3:5]))
