"""`python -m kpi_core.signals` on folders of CSV files."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_core.signals.__main__ import main

Rows = list[dict[str, str]]


def asked(capsys: pytest.CaptureFixture[str], signal: str, folder: Path) -> Rows:
    assert main([signal, str(folder)]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def write(path: Path, header: str, *lines: str) -> None:
    path.write_text("\n".join([header, *lines, ""]), "utf-8")


def test_drivers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a segment; an undefined total has none, an empty cell is a segment that was not there."""
    write(
        tmp_path / "tables.csv",
        "case_id,variant,segment,num_a,den_a,num_b,den_b",
        "one,as is,search,2000,40,3000,40",
        "one,as is,social,1000,60,1000,60",
        "one,turned,search,3000,40,2000,40",
        "one,turned,social,1000,60,1000,60",
        "two,as is,search,10,0,10,5",
        "three,as is,old,10,5,,",
        "three,as is,new,,,12,5",
    )
    rows = asked(capsys, "drivers", tmp_path)
    assert [(row["case_id"], row["variant"], row["segment"], float(row["rate_effect"])) for row in rows] == [
        ("one", "as is", "search", 10),
        ("one", "as is", "social", 0),
        ("one", "turned", "search", -10),
        ("one", "turned", "social", 0),
        ("three", "as is", "old", 0),
        ("three", "as is", "new", 0),
    ]
    assert sum(float(row["mix_effect"]) for row in rows[-2:]) == pytest.approx(0.4)


def test_pacing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a cut day; each uses the days up to its cut, though the file holds the whole month."""
    days = [date(2026, 3, 1) + timedelta(days=step) for step in range(122)]
    write(tmp_path / "daily.csv", "case_id,date,value", *(f"a,{day},{100 if day.day < 20 else 300}" for day in days))
    write(
        tmp_path / "cases.csv",
        "case_id,month,goal,days_in_month,market",
        "a,2026-06,5000,30,KR",
        "empty,2026-06,1,30,KR",
    )
    write(tmp_path / "calendar.csv", "case_id,date,name", "a,2026-06-25,payday")
    rows = asked(capsys, "pacing", tmp_path)
    assert [(row["case_id"], row["cut_day"]) for row in rows] == [("a", cut) for cut in ("5", "10", "15", "20", "25")]
    assert all(float(row["lo80"]) <= float(row["point"]) <= float(row["hi80"]) for row in rows)
    write(
        tmp_path / "daily.csv", "case_id,date,value", *(f"a,{day},{100 if day.day < 20 else 300}" for day in days[:107])
    )
    assert asked(capsys, "pacing", tmp_path)[:3] == rows[:3]


def test_anomalies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Holidays of the series' market, its campaigns and its last three days are no alarms; the outage is."""
    days = [date(2026, 1, 1) + timedelta(days=step) for step in range(120)]
    values = {day: 1000 + 40 * (day.day % 3) for day in days}
    values |= dict.fromkeys([days[50], days[60], days[118]], 100) | dict.fromkeys(days[70:76], 1500)
    write(tmp_path / "series.csv", "series_id,kind,date,value,numerator,denominator",
          *(f"s,sessions,{day},{value},," for day, value in values.items()))  # fmt: skip
    write(tmp_path / "series_meta.csv", "series_id,kind,market,business,unit,start,end,send_days_only",
          f"s,sessions,KR,b2c,count,{days[0]},{days[-1]},no")  # fmt: skip
    write(
        tmp_path / "holidays.csv", "market,date,name,type", f"KR,{days[60]},Feast,public", f"US,{days[50]},Other,public"
    )
    write(tmp_path / "campaigns.csv", "series_id,start,end,name", f"s,{days[70]},{days[75]},sale")
    assert asked(capsys, "anomalies", tmp_path) == [{"series_id": "s", "date": str(days[50])}]
    (tmp_path / "series_meta.csv").unlink()
    assert {row["date"] for row in asked(capsys, "anomalies", tmp_path)} == {str(days[50]), str(days[60])}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (None, "tables.csv is not there"),
        (["case_id,variant,segment,num_a", "a,b,c,1"], "no column den_a"),
        (["case_id,variant,segment,num_a,den_a,num_b,den_b", "a,b,c,1.234,5,x,2"], "num_b: 'x'"),
    ],
)
def test_a_folder_that_cannot_be_read_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[str] | None, words: str
) -> None:
    """Exit 1, a sentence, nothing on stdout."""
    if lines:
        write(tmp_path / "tables.csv", *lines)
    assert main(["drivers", str(tmp_path)]) == 1
    spoken = capsys.readouterr()
    assert words in spoken.err
    assert spoken.out == ""
