"""`python -m kpi_core.signals anomalies|pacing|drivers FOLDER`: a folder of CSV files in, one CSV out."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kpi_core.errors import KpiBotError
from kpi_core.signals.folders import Line, anomaly_lines, driver_lines, pacing_lines

SIGNALS: dict[str, Callable[[Path], Iterator[Line]]] = {
    "anomalies": anomaly_lines,
    "pacing": pacing_lines,
    "drivers": driver_lines,
}


def main(arguments: list[str] | None = None) -> int:
    """Writes the CSV to stdout; 1 with a sentence where a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m kpi_core.signals", description=__doc__)
    parser.add_argument("signal", choices=SIGNALS, help="what to look for")
    parser.add_argument("folder", type=Path, help="the folder that holds the CSV files")
    wish = parser.parse_args(arguments)
    try:
        lines = list(SIGNALS[wish.signal](wish.folder))
    except KpiBotError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return error.exit_code
    csv.writer(sys.stdout, lineterminator="\n").writerows(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
