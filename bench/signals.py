"""What the signals reach: F1 and false alarms of anomalies, the error of landings beside two simpler ways.

On series and months made up as in the tests, with other seeds; `--practice FOLDER` adds a draw that brings its own
score.py, `--retail FILE` the months of a real shop (Online Retail as Parquet).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import duckdb

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from draws.anomaly_draw import anomaly_draw
from draws.anomaly_score import Score, scored
from draws.month_draw import CUT_DAYS, Case, linear, month_draw, weekday_weighted

from kpi_core.signals.anomalies import alarms
from kpi_core.signals.folders import anomaly_lines
from kpi_core.signals.pacing import Occasion, landing
from kpi_core.signals.series import Day

SEED = 4242
RETAIL = """
    SELECT CAST(InvoiceDate AS DATE), SUM(CASE WHEN Quantity > 0 THEN Quantity * UnitPrice ELSE 0 END),
        COUNT(DISTINCT InvoiceNo) FILTER (WHERE Quantity > 0), COUNT(DISTINCT CustomerID)
    FROM read_parquet(?) WHERE Country {where} 'United Kingdom' GROUP BY 1 ORDER BY 1
"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=210, help="made-up series with events (default 210)")
    parser.add_argument("--months", type=int, default=26, help="made-up series of five months each (default 26)")
    parser.add_argument("--practice", type=Path, help="a folder with series.csv, truth/ and score.py")
    parser.add_argument("--retail", type=Path, help="online_retail.parquet")
    wish = parser.parse_args()
    show_anomalies(wish.series)
    if wish.practice:
        show_practice(wish.practice)
    show_pacing("made-up months", list(month_draw(wish.months, SEED)))
    if wish.retail:
        show_pacing("a shop's months", list(retail_cases(wish.retail)))


def show_anomalies(count: int) -> None:
    """Alarms on made-up series, beside those of whoever knows the noiseless course of each."""
    started = time.process_time()
    ours = oracle = Score(0, 0, 0, 0.0)
    days = 0
    for drawn in anomaly_draw(count, SEED):
        ours += scored(drawn, [alarm.on for alarm in alarms(drawn.series)])
        oracle += scored(drawn, [day for day, strayed in drawn.strayed.items() if abs(strayed) > 4])
        days += len(drawn.series.days)
    spent = (time.process_time() - started) / days * 1e6
    print(f"anomalies, {count} made-up series, {ours.events} events: {_line(ours)}; {spent:.0f} us a day")
    print(f"    who knows the noiseless course: {_line(oracle)}")


def _line(score: Score) -> str:
    return f"F1 {score.f1:.3f}, {score.false_a_month:.3f} false alarms a series-month"


def show_practice(folder: Path) -> None:
    """The same on a draw with a scorer of its own."""
    with TemporaryDirectory() as home:
        path = Path(home) / "alarms.csv"
        path.write_text("\n".join(",".join(line) for line in anomaly_lines(folder)), "utf-8")
        command = [sys.executable, str(folder / "score.py"), str(path), "--json"]
        score = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["all"]
    print(f"anomalies, {folder.name}: F1 {score['f1']:.3f}, {score['false_per_series_month']:.3f} false alarms a month")


def retail_cases(path: Path) -> Iterator[Case]:
    """Months of a shop's revenue, orders and customers, at home and abroad, from the fourth on."""
    for where in ("=", "<>"):
        rows = duckdb.execute(RETAIL.format(where=where), [str(path)]).fetchall()
        for column in (1, 2, 3):
            days = tuple(Day(row[0], float(row[column])) for row in rows)
            yield from _months(f"{where} {column}", days)


def _bank_holidays(days: tuple[Day, ...]) -> tuple[Occasion, ...]:
    import holidays

    years = range(days[0].on.year, days[-1].on.year + 1)
    return tuple(Occasion(day, "holiday") for day in sorted(holidays.country_holidays("GB", subdiv="ENG", years=years)))


def _months(name: str, days: tuple[Day, ...]) -> Iterator[Case]:
    months = sorted({day.on.replace(day=1) for day in days})
    for month in months[3:]:
        end = (month + timedelta(days=31)).replace(day=1)
        if end <= days[-1].on:
            yield Case(name, month, tuple(day for day in days if day.on < end), _bank_holidays(days))


def show_pacing(name: str, cases: Iterable[Case]) -> None:
    """Mean absolute errors over all cut days, and how often the interval holds the month."""
    started, cases = time.process_time(), list(cases)
    errors: dict[str, list[float]] = {"linear": [], "weekday-weighted": [], "ours": []}
    inside = []
    for case in cases:
        for cut in CUT_DAYS:
            through: date = case.month.replace(day=cut)
            occasions: tuple[Occasion, ...] = case.occasions
            lands = landing(case.known(cut), case.month, case.end, through, occasions)
            if lands is None or not case.total:
                continue
            for way, point in (
                ("linear", linear(case, cut)), ("weekday-weighted", weekday_weighted(case, cut)), ("ours", lands.point)
            ):  # fmt: skip
                errors[way].append(abs(point / case.total - 1))
            inside.append(lands.low <= case.total <= lands.high)
    figures = ", ".join(f"{way} {100 * fmean(strays):.2f} %" for way, strays in errors.items())
    spent = (time.process_time() - started) / len(inside) * 1e3
    print(
        f"pacing, {len(cases)} {name}: MAPE {figures}; interval holds {100 * fmean(inside):.0f} %; {spent:.0f} ms each"
    )


if __name__ == "__main__":
    main()
