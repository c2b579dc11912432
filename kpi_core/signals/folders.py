"""Folders of CSV files as the signals read them, and their answers as CSV: one line an alarm, a forecast, an effect."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from kpi_core.errors import DataError
from kpi_core.signals.anomalies import alarms
from kpi_core.signals.drivers import Segment, drivers
from kpi_core.signals.pacing import Occasion, landing
from kpi_core.signals.series import Announced, Calendar, Day, Series, Unit

Row = Mapping[str, str]
Line = tuple[str, ...]
Value = TypeVar("Value")
CUT_DAYS = (5, 10, 15, 20, 25)
OPEN_DAYS = timedelta(days=3)
"""The last days of a series in a folder, which may still grow: they are not judged."""


def anomaly_lines(folder: Path) -> Iterator[Line]:
    """series.csv, series_meta.csv, holidays.csv and campaigns.csv -> series_id, date of each alarm."""
    yield ("series_id", "date")
    for series_id, series in _series(folder):
        for alarm in alarms(series):
            yield (series_id, alarm.on.isoformat())


def driver_lines(folder: Path) -> Iterator[Line]:
    """tables.csv -> case_id, variant, segment, rate_effect, mix_effect; no lines where a total is undefined."""
    yield ("case_id", "variant", "segment", "rate_effect", "mix_effect")
    for (case, variant), rows in _grouped(_rows(folder / "tables.csv"), "case_id", "variant").items():
        for effect in drivers([_segment(row) for row in rows]):
            yield (case, variant, effect.name, repr(effect.rate), repr(effect.mix))


def pacing_lines(folder: Path) -> Iterator[Line]:
    """daily.csv, cases.csv, calendar.csv -> case_id, cut_day, point, lo80, hi80, each from the days up to its cut."""
    yield ("case_id", "cut_day", "point", "lo80", "hi80")
    daily = _grouped(_rows(folder / "daily.csv"), "case_id")
    calendar = _grouped(_rows(folder / "calendar.csv", needed=False), "case_id")
    for case in _rows(folder / "cases.csv"):
        key = (_cell(case, "case_id"),)
        days = sorted((Day(_read(row, "date", _day), _number(row, "value")) for row in daily.get(key, ())), key=_on)
        occasions = [Occasion(_read(row, "date", _day), _cell(row, "name")) for row in calendar.get(key, ())]
        start = _read(case, "month", _month)
        for cut in CUT_DAYS:
            through = start.replace(day=cut)
            lands = landing([day for day in days if day.on <= through], start, _next_month(start), through, occasions)
            if lands is not None:
                yield (key[0], str(cut), repr(lands.point), repr(lands.low), repr(lands.high))


def _on(day: Day) -> date:
    return day.on


def _month(text: str) -> date:
    return date.fromisoformat(f"{text[:7]}-01")


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _rows(path: Path, *, needed: bool = True) -> list[Row]:
    if not path.is_file():
        if not needed:
            return []
        raise DataError(f"{path} is not there.", code="file_missing", hint=f"Put {path.name} into the folder.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{path} could not be read: {error}", code="file_unreadable", hint="Save it as CSV in UTF-8."
        ) from error


def _grouped(rows: Iterable[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(_cell(row, column) for column in columns), []).append(row)
    return groups


def _cell(row: Row, column: str) -> str:
    try:
        return (row[column] or "").strip()
    except KeyError:
        raise DataError(
            f"A file has no column {column}.", code="column_missing", hint=f"Add the column {column}."
        ) from None


def _read(row: Row, column: str, reader: Callable[[str], Value]) -> Value:
    text = _cell(row, column)
    try:
        return reader(text)
    except ValueError:
        raise DataError(
            f"{column}: {text!r} cannot be read.",
            code="cell_unreadable",
            hint="Write numbers as 1234.5 and dates as 2026-11-27.",
        ) from None


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _number(row: Row, column: str) -> float | None:
    return _read(row, column, float) if (row.get(column) or "").strip() else None


def _segment(row: Row) -> Segment:
    return Segment(
        _cell(row, "segment"), *(_read(row, column, _amount) for column in ("num_a", "den_a", "num_b", "den_b"))
    )


def _amount(text: str) -> float:
    """A segment that was not there has an empty cell: no share in a sum, as 0."""
    return float(text) if text else 0.0


def _series(folder: Path) -> Iterator[tuple[str, Series]]:
    about = {_cell(row, "series_id"): row for row in _rows(folder / "series_meta.csv", needed=False)}
    holidays: dict[str, dict[date, str]] = {}
    for row in _rows(folder / "holidays.csv", needed=False):
        holidays.setdefault(_cell(row, "market"), {})[_read(row, "date", _day)] = row.get("name") or ""
    campaigns = _grouped(_rows(folder / "campaigns.csv", needed=False), "series_id")
    for (series_id,), rows in _grouped(_rows(folder / "series.csv"), "series_id").items():
        meta = about.get(series_id, {})
        days = tuple(sorted(map(_reading, rows), key=_on))
        last = _day(meta["end"]) if meta.get("end") else days[-1].on
        announced = tuple(
            Announced(_read(row, "start", _day), _read(row, "end", _day), row.get("name") or "")
            for row in campaigns.get((series_id,), ())
        )
        calendar = Calendar(holidays.get(meta.get("market") or "", {}), announced)
        sends = (meta.get("send_days_only") or "").lower() in {"yes", "true", "1"}
        yield series_id, Series(days, _unit(meta, days), calendar, sends, last - OPEN_DAYS + timedelta(days=1))


def _reading(row: Row) -> Day:
    return Day(_read(row, "date", _day), _number(row, "value"), _number(row, "numerator"), _number(row, "denominator"))


def _unit(meta: Row, days: Iterable[Day]) -> Unit:
    """As the folder says it; else a ratio has parts, and a count has no cents."""
    written = meta.get("unit")
    if written:
        return "ratio" if written == "ratio" else "count" if written == "count" else "amount"
    if any(day.denominator is not None for day in days):
        return "ratio"
    return "count" if all(day.value is None or day.value.is_integer() for day in days) else "amount"
