"""What parts the cells of a file: the sign by which its records have one width. Pure."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, islice

from kpi_core.frozen_dataclass import frozen

SIGNS = (",", ";", "\t", "|")
NAMES = {"\t": "tab", "tab": "\t", "\\t": "\t"}
_RECORDS = 200
_TORN = re.compile(r'"[,;\t|]"')


@frozen
class Fit:
    """How well a sign parts a text: the width that most records have, and the share of records that have it."""

    sign: str
    width: int
    share: float
    outside: int = 0
    """How many records stand before and after the longest run of that width."""
    is_torn: bool = False
    """Whether most of these records have quotes around another sign within a cell: that sign parts them."""
    first: int = 0
    last: int = 0
    """The lines of the longest run of that width."""
    apart: int = 0
    """The last line of that width that is not in it."""


def delimiter_of(text: str) -> str | tuple[str, str]:
    """The sign that parts the beginning of a file; two where nothing tells which. A comma where none does."""
    fits = sorted((fit for fit in (_fit(text, sign) for sign in SIGNS) if fit.width > 1), key=_rank, reverse=True)
    if not fits:
        return ","
    fits = [fit for fit in fits if not any(_covers(other, fit) for other in fits)]
    if len(fits) > 1 and _rank(fits[0]) == _rank(fits[1]):
        return fits[0].sign, fits[1].sign
    return fits[0].sign


def _covers(fit: Fit, other: Fit) -> bool:
    """Whether a sign parts all lines of another's table and the header above: the other one stands in its cells, and
    else above the header alone.
    """
    return not fit.is_torn and other.apart < fit.first < other.first and fit.last >= other.last


def _rank(fit: Fit) -> tuple[bool, float, int, int]:
    """A sign within the cells of every row, as a decimal comma, is missing in the header."""
    return not fit.is_torn, round(fit.share, 1), -fit.outside, fit.width


def _fit(text: str, sign: str) -> Fit:
    rows, lines = _rows(text, sign)
    widths = [len(row) for row in rows]
    times = Counter(widths)
    if not widths:
        return Fit(sign, 0, 0.0)
    width, often = max(times.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
    runs = [list(run) for each, run in groupby(range(len(rows)), key=widths.__getitem__) if each == width]
    longest = max(runs, key=len)
    apart = [lines[at] for run in runs if run is not longest for at in run]
    torn = sum(len(row) == width and any(map(_TORN.search, row)) for row in rows)
    return Fit(
        sign,
        width,
        often / len(widths),
        len(widths) - len(longest),
        2 * torn > often,
        lines[longest[0]],
        lines[longest[-1]],
        max(apart, default=0),
    )


def _rows(text: str, sign: str) -> tuple[Sequence[Sequence[str]], Sequence[int]]:
    """The first records, and the line on which each ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, skipinitialspace=True)
    rows: list[Sequence[str]] = []
    lines: list[int] = []
    with contextlib.suppress(csv.Error):
        for row in islice((row for row in reader if row), _RECORDS):
            rows.append(row)
            lines.append(reader.line_num)
    return rows, lines
