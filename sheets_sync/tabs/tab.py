"""A tab of ours as a value: its cells from A1 on, and what they look like. Knows nothing of sheet ids or requests."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal
from unicodedata import east_asian_width

from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.errors import Problem, SettingsError, did_you_mean
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Direction
from kpi_core.settings.values import TABS
from sheets_sync.tabs.cells import Cell, entered, text_of

HEADER_KEY = "#header"
"""The key of the row that names the columns."""

WAITING_SIGN = "⋯"
"""What stands in a row of a log that waits for its entry: it shows that the row is the bot's."""
WAITING = "ready/"
"""How the keys of such rows begin."""

SPLITS: Mapping[str, str] = {"channels": "channel", "campaigns": "campaign", "regions": "region", "devices": "device"}
"""Tabs whose rows are the values of a dimension."""


@frozen
class Column:
    """One column. `people` columns are typed by people below the header and never written there."""

    key: str
    title: str
    note: str = ""
    """The definition, shown when one points at the header."""
    width: int = 110
    people: bool = False
    hidden: bool = False
    wraps: bool = False
    """Whether long texts go over several lines instead of being cut."""
    ticked: bool = False
    """Checkboxes beside the rows of the table; a person decides, and no cell is ever written."""
    choices: tuple[str, ...] = ()
    """Offered in a drop-down below the header; other words may still be typed."""


@frozen
class Area:
    """Cells `[top, bottom) x [left, right)`, counted from 0; no `bottom` reaches to the end of the tab."""

    top: int
    left: int
    bottom: int | None
    right: int


@frozen
class Chart:
    """A chart of ours. Of a scorecard, `domain` is the number it is held against."""

    key: str
    kind: Literal["line", "column", "scorecard"]
    title: str
    values: Area
    domain: Area | None
    row: int
    column: int
    x: int = 0
    """Pixels right of its anchor cell."""
    width: int = 480
    height: int = 220
    caption: str = ""
    direction: Direction = "neutral"
    compared: Literal["ABSOLUTE_DIFFERENCE", "PERCENTAGE_DIFFERENCE"] = "PERCENTAGE_DIFFERENCE"


@frozen
class PastNumber:
    """Of which period a cell's number is, as a number of the course of an answer."""

    course: Answer
    period: Period


Tone = Literal["good", "fair", "bad"]


@frozen
class Shade:
    """A quiet colour where a condition holds: `when` is a word to equal, or above/below 0."""

    areas: tuple[Area, ...]
    when: str
    tone: Tone
    kind: Literal["word", "above", "below"] = "word"


@frozen
class Tab:
    """All cells of a block, rectangular from A1.

    Row `header` names the columns; `headings` are rows that head a group or close the table, shown bold.
    """

    block: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    header: int
    headings: tuple[int, ...] = ()
    charts: tuple[Chart, ...] = ()
    shades: tuple[Shade, ...] = ()
    memory: Mapping[str, object] = field(default_factory=dict)
    """What the tab's next sync must know and no cell says."""
    keys: tuple[str, ...] = ()
    """What each row below the header is, whatever it is called; else rows go by what stands in their first cell.

    A key that begins with # is that of a row with a name and nothing else: a heading.
    """
    frozen: int | None = None
    """How many rows stay in sight; None for those through the header."""
    hidden: bool = False
    """Made hidden: it is for formulas and not for readers. People may show it."""
    names: Mapping[str, Area] = field(default_factory=dict)
    """Named ranges for people's formulas; each follows what people do to its cells."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Where rows lie as they were read, in a tab that people type into."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """What such rows said when they were read, by key: remembered beside the key."""
    past: Mapping[tuple[str, str], PastNumber] = field(default_factory=dict)
    """By row and column the numbers of periods that are over."""
    beside: Mapping[tuple[str, int], Cell] = field(default_factory=dict)
    """What to write into people's own columns, where it was set elsewhere: by the row's key, and a place as read."""
    grows: int = 0
    """Of a tab that gets a row for each thing that happens: how many it lists at least; 0 for all others."""
    waits: int = 0
    """Of such a tab with its newest row at the end: how many rows stand ready there; 0 where they come in on top."""
    taken: Mapping[str, int] = field(default_factory=dict)
    """Rows of it that are written into waiting ones, and waiting ones: where these lie, as read."""
    remarks: Mapping[tuple[str, str | int], str] = field(default_factory=dict)
    """What to say at a cell: by the row's key, and the column's or a place as read; "" takes a note of ours away."""
    noted: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """What to say at cells in rows that are people's, by their places as read."""

    @property
    def width(self) -> int:
        return len(self.columns)

    @property
    def row_keys(self) -> tuple[str, ...]:
        """A key for every row, those above the table included."""
        above = (*(f"#{row}" for row in range(self.header)), HEADER_KEY)
        return (*above, *(self.keys or _names(self.rows[self.header + 1 :])))

    @property
    def typed_in(self) -> bool:
        """Whether some of the columns are people's."""
        return any(column.people for column in self.columns)

    @property
    def bottom(self) -> int | None:
        """Where the looks of the bot's columns end: below a table people may write; where they type it has no end."""
        return None if self.typed_in else len(self.rows)

    def body(self, column: int) -> Area:
        """All cells below the header in one column."""
        return Area(self.header + 1, column, None, column + 1)


def _names(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    often: Counter[str] = Counter()
    for row in rows:
        name = text_of(entered(row[0]))
        often[name] += 1
        yield f"={name}" if often[name] == 1 else f"={name} {often[name]}"


def check_tab_names(names: Iterable[str]) -> None:
    """SettingsError for tabs that there are none of, each with the nearest one."""
    problems = []
    for name in names:
        if name not in TABS:
            near = did_you_mean(name, TABS, limit=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(TABS)}."
            problems.append(Problem("kpi.yaml", 0, 0, f"sheets: there is no tab {name!r}", hint))
    if problems:
        raise SettingsError(problems, code="unknown_tab")


def width_of(texts: Iterable[str], least: int, most: int) -> int:
    """Pixels of a column in which none of these is cut, in steps of 40: another text seldom makes it another width."""
    longest = max(
        (sum(13.0 if east_asian_width(sign) in "WF" else 6.6 for sign in text) for text in texts), default=0.0
    )
    return min(most, max(least, 40 * math.ceil((longest + 16) / 40)))


def filled(rows: Iterable[Iterable[Cell]], width: int) -> tuple[tuple[Cell, ...], ...]:
    """The rows, each made `width` cells long."""
    full = []
    for row in rows:
        cells = tuple(row)
        full.append(cells + (None,) * (width - len(cells)))
    return tuple(full)
