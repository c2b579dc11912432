"""What a sync sends to Google Sheets beside what other libraries send for the same tabs, and how it grows.

First: ten tabs of 50 rows by 12 columns with formats against the local Sheets, requests and bytes as they arrive there,
at first, once more with the same data, and with 5 % of the cells changed, without and with a sync log. Then our sync
alone: tabs of 5,000 cells, up to 500,000; processor time of the sync's own process, and the memory it takes with the
tabs of all three syncs.
"""

from __future__ import annotations

import argparse
import math
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sheet_clients import CONTENDERS, Contender

from kpi_core.dates.calendars import Calendar
from kpi_core.settings.sheet_record import SheetEntry
from kpi_core.settings.values import Settings
from sheets_sync.client import SheetsClient, open_client
from sheets_sync.sandbox import LocalSheets, start_sheets
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.plan import make_plan
from sheets_sync.spreadsheet.state import read_state, with_cells
from sheets_sync.sync import Draft, write_until_right
from sheets_sync.tabs.cells import Number, NumberFormat, Text
from sheets_sync.tabs.logs.sync_log import sync_log_tab
from sheets_sync.tabs.tab import Column, Tab

TABS, ROWS, COLUMNS, CHANGED = 10, 50, 12, 0.05
SIZES = (10, 25, 50, 100)
TALL, WIDE = 250, 20
SHARE = NumberFormat("PERCENT", "0.0%")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grow", type=int, help="only our sync with so many tabs, against a server at --url")
    parser.add_argument("--server", nargs=3, metavar=("URL", "KEY", "CREDENTIALS"))
    options = parser.parse_args()
    if options.grow:
        grow(options.grow, *options.server)
        return
    compare()
    print(f"\n{'tabs of 250 x 20':<18}{'cells':>9}{'first':>10}{'again':>10}{'5 %':>10}{'µs/cell':>10}{'memory':>10}")
    for size in SIZES:
        with server() as address:
            command = [sys.executable, __file__, "--grow", str(size), "--server", *address]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True)


# Beside others.


def compare() -> None:
    print(f"{TABS} tabs of {ROWS} x {COLUMNS}; requests and bytes sent")
    print(f"{'':<42}{'first':>17}{'again':>17}{'5 % changed':>17}")
    data = frames(TABS, ROWS, COLUMNS)
    ours = (
        ("this sync", _ours(data, rows=False)),
        ("  the same, with its log", _ours(data, rows=False, logs=True)),
        ("  the same, 5 % as whole rows", _ours(data, rows=True)),
    )
    for name, figures in (*ours, *((one.name, _theirs(one, data)) for one in CONTENDERS)):
        print(f"{name:<42}" + "".join(f"{requests:>6}{size:>11,}" for requests, size in figures))


def frames(tabs: int, rows: int, columns: int) -> dict[str, pd.DataFrame]:
    """A name, a number, a share, and more numbers."""
    draw = random.Random(2026)

    def column(index: int) -> list[Any]:
        if index == 0:
            return [f"campaign {number}" for number in range(rows)]
        return [draw.random() if index == 2 else round(draw.uniform(1, 9_000), 2) for _ in range(rows)]

    names = [f"column {index}" for index in range(columns)]
    return {f"Tab{number}": pd.DataFrame({name: column(at) for at, name in enumerate(names)}) for number in range(tabs)}


def changed(data: dict[str, pd.DataFrame], *, rows: bool = False) -> dict[str, pd.DataFrame]:
    """One cell in twenty has another number: here and there, or whole rows, as when one campaign or month moves."""
    draw = random.Random(11)
    others = {title: frame.copy() for title, frame in data.items()}
    for frame in others.values():
        height, width = frame.shape
        scattered = draw.sample(range(height, height * width), round(height * width * CHANGED))
        block = [column * height + row for column in range(1, width) for row in range(math.ceil(height * CHANGED))]
        for place in block if rows else scattered:
            column, row = divmod(place, height)
            frame.iloc[row, column] += 1
    return others


def _figures(sheets: LocalSheets, works: list[Any]) -> list[tuple[int, int]]:
    """Requests and bytes of each piece of work."""
    figures = []
    for work in works:
        sheets.backend.log.clear()
        work()
        figures.append((len(sheets.requests), sum(call.received for call in sheets.requests)))
    return figures


def _ours(data: dict[str, pd.DataFrame], *, rows: bool, logs: bool = False) -> list[tuple[int, int]]:
    with start_sheets() as sheets:
        key = sheets.create("Ours")
        client = open_client(
            {"KPI_SHEETS_API_URL": sheets.url, "GOOGLE_APPLICATION_CREDENTIALS": str(sheets.credentials_file)}
        )
        runs = ((data, 1), (data, 1), (changed(data, rows=rows), 2))
        works = [
            lambda each=each, entries=entries: sync(client, key, [*tabs_of(each), *([log_of(entries)] if logs else ())])
            for each, entries in runs
        ]
        figures = _figures(sheets, works)
        client.close()
        return figures


def _theirs(contender: Contender, data: dict[str, pd.DataFrame]) -> list[tuple[int, int]]:
    with start_sheets() as sheets:
        key = sheets.create("Theirs")
        with _opened(sheets, key, contender) as book:
            runs = ((data, True), (data, False), (changed(data), False))
            return _figures(
                sheets, [lambda each=each, first=first: contender.write(book, each, first) for each, first in runs]
            )


@contextmanager
def _opened(sheets: LocalSheets, key: str, contender: Contender) -> Iterator[Any]:
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "sides"))
    from foreign_side import gspread_client, pygsheets_client

    with (pygsheets_client if contender.pygsheets else gspread_client)(sheets) as client:
        yield client.open_by_key(key)


# Ours.


def tabs_of(data: dict[str, pd.DataFrame]) -> list[Tab]:
    """The frames as tabs of ours, with the same formats."""
    tabs = []
    for title, frame in data.items():
        columns = tuple(Column(name, name) for name in frame.columns)
        lines = [
            tuple(
                Text(value) if isinstance(value, str) else Number(value, SHARE if at == 2 else None)
                for at, value in enumerate(row)
            )
            for row in frame.itertuples(index=False)
        ]
        tabs.append(Tab(title.casefold(), title, columns, (tuple(Text(name) for name in frame.columns), *lines), 0))
    return tabs


def log_of(count: int) -> Tab:
    """The log after so many syncs that changed something."""
    moments = (datetime(2026, 11, 1 + number, 7, tzinfo=UTC) for number in reversed(range(count)))
    settings = Settings("Ours", Calendar("UTC"), "en", "USD", "", "", Path())
    return sync_log_tab(settings, [SheetEntry(moment, 300) for moment in moments])


def sync(client: SheetsClient, key: str, tabs: list[Tab]) -> int:
    """As a sync does with tabs that are made: two reads, and what differs in as few writes as it takes."""

    def drafted(attempt: int, slips: Any) -> Draft:
        state = read_state(client.spreadsheet(key))
        ours = [block.sheet_id for block in state.blocks.values()]
        state = with_cells(state, client.cells(key, ours)) if ours else state
        return Draft(state, make_plan(state, tabs, Author("en"), attempt, slips))

    return write_until_right(client, key, drafted)[1]


@contextmanager
def server() -> Iterator[tuple[str, str, str]]:
    """A local Sheets in a process of its own: its address, a spreadsheet's id and the credential file."""
    command = [sys.executable, "-m", "sheets_sync.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline().strip() for _ in range(5)]
        try:
            key = lines[1].split("/d/")[1].split("/")[0]
            yield lines[2].partition("=")[2], key, lines[4].partition("=")[2]
        finally:
            process.terminate()


def grow(size: int, url: str, key: str, credentials: str) -> None:
    """One line of the second table, measured in this process."""
    client = open_client({"KPI_SHEETS_API_URL": url, "GOOGLE_APPLICATION_CREDENTIALS": credentials})
    before = _peak()
    data = frames(size, TALL, WIDE)
    runs = [tabs_of(each) for each in (data, data, changed(data))]
    seconds = []
    for tabs in runs:
        started = time.process_time()
        sync(client, key, tabs)
        seconds.append(time.process_time() - started)
    cells = size * TALL * WIDE
    memory = _peak() - before
    times = "".join(f"{each:>8.2f} s" for each in seconds)
    print(f"{size:<18}{cells:>9,}{times}{sum(seconds) / cells * 1e6 / 3:>10.1f}{memory:>7.0f} MB")
    client.close()


def _peak() -> float:
    """The most memory that this process ever had, in MB. Not getrusage's, which begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
