"""What files as people write them cost a load: won signs and Korean dates beside plain rows, and a workbook.

Processor time of whole loads, all threads together, and the most memory that the workbook's load needs.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

FIRST = datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
LIMIT = 1.3
"""The most that won signs and Korean dates may cost, times the plain form."""
SECONDS, MEGABYTES = 20, 500
"""The most that a workbook of 100,000 rows may take."""


def main() -> None:
    """Print the ratio and the workbook's time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("plain", "written", "book"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        measure_here()
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        times: dict[str, list[float]] = {"plain": [], "written": []}
        for kind in times:
            write_orders(folder, kind, options.rows)
        for _run in range(options.runs):
            for kind, seconds in times.items():
                seconds.append(loaded(folder, kind)[0])
        plain, written = (statistics.median(seconds) for seconds in times.values())
        print(f"{options.rows:,} rows of CSV with won signs and Korean dates: {written:.1f} s, plain {plain:.1f} s, "
              f"{written / plain:.2f} × (at most {LIMIT} ×)")  # fmt: skip
        write_orders(folder, "book", min(options.rows, 100_000))
        seconds, megabytes = loaded(folder, "book")
        print(f".xlsx of 100,000 rows: {seconds:.1f} s of processor time, {megabytes:.0f} MB "
              f"(at most {SECONDS} s, {MEGABYTES} MB)")  # fmt: skip


def write_orders(folder: Path, kind: str, rows: int) -> None:
    """A workspace with one file of orders in a folder of its own."""
    home = folder / kind
    home.mkdir()
    suffix, source = ("xlsx", "xlsx") if kind == "book" else ("csv", "csv")
    (home / "kpi.yaml").write_text(
        "timezone: Asia/Seoul\ncurrency: KRW\n"
        f"sources: [{{name: shop, type: {source}, path: orders.{suffix}, table: orders}}]\n",
        "utf-8",
    )
    chance = random.Random(20)
    days = [FIRST + timedelta(minutes=chance.randrange(1_000_000)) for _row in range(rows)]
    amounts = [chance.randrange(1_000, 2_000_000) for _row in range(rows)]
    if kind == "book":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("orders")
        sheet.append(["order_id", "customer_id", "ordered_at", "revenue"])
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True)):
            sheet.append([f"A{number}", f"C{number % 9_000}", day, amount])
        book.save(home / "orders.xlsx")
        return
    with (home / "orders.csv").open("w", encoding="utf-8", newline="") as lines:
        lines.write("order_id,customer_id,ordered_at,revenue\n")
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True)):
            half, hour = ("오전", "오후")[day.hour >= 12], day.hour % 12 or 12
            at = (
                f"{day.year}. {day.month}. {day.day}. {half} {hour}:{day:%M}"
                if kind == "written"
                else f"{day:%Y-%m-%d %H:%M}"
            )
            paid = f'"₩{amount:,}"' if kind == "written" else str(amount)
            lines.write(f"A{number},C{number % 9_000},{at},{paid}\n")


def loaded(folder: Path, kind: str) -> tuple[float, float]:
    """Processor time in seconds and most memory in MB of a load in a process of its own."""
    command = [sys.executable, __file__, "--only", kind]
    said = subprocess.run(
        command, cwd=folder / kind, check=True, capture_output=True, text=True, env=dict(os.environ)
    ).stdout
    seconds, megabytes = map(float, said.split())
    return seconds, megabytes


def measure_here() -> None:
    """Load the workspace of this folder, and print seconds and megabytes."""
    from kpi_core.catalog import load_catalog
    from kpi_core.loading.load import load
    from kpi_core.settings.file import read_settings

    settings, catalog = read_settings(Path.cwd() / "kpi.yaml"), load_catalog()
    started = time.process_time()
    report = load(settings, catalog, now=NOW)
    seconds = time.process_time() - started
    assert not report.failed, report.failed[0].error
    assert report.rejected == 0
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
