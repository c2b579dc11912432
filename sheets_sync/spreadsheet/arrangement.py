"""Where each wanted row and column of a tab comes to lie, and which are inserted and deleted for it.

Lines (rows or columns) of ours stay where people have put them, people's stay beside the lines that they stood beside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import groupby

from kpi_core.frozen_dataclass import frozen
from sheets_sync.spreadsheet.identity import Line, Places, line_of, name_of, places
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import Cell, EnteredValue, Text, entered
from sheets_sync.tabs.goals.goal_rows import HEADER, Beside, TypedRow
from sheets_sync.tabs.tab import HEADER_KEY, WAITING, Area, Column, Tab

Run = tuple[int, int]
"""Half-open."""

KEY_COLUMN = "#key"


@frozen
class Axis:
    """The rows or the columns. Places count as they will be after the edits; `edits` are in the order to be sent."""

    lines: tuple[int, ...]
    """The place of each wanted line."""
    fresh: frozenset[int] = frozenset()
    """Wanted lines that are new, by index."""
    left: Mapping[int, str] = field(default_factory=dict)
    """Place and key of lines that are wanted no more and stay, for people wrote beside them."""
    unmarked: tuple[int, ...] = ()
    """Places of people's lines that bear a mark of ours."""
    edits: tuple[tuple[str, int, int], ...] = ()
    """("insert" or "delete", start, end)."""
    origin: tuple[int | None, ...] = ()
    """For each place where it was as read; None for an inserted one. Places beyond are further on by `shift`."""
    after: Mapping[int, int] = field(init=False, compare=False, repr=False)
    """The other way round."""

    def __post_init__(self) -> None:
        after = {was: place for place, was in enumerate(self.origin) if was is not None}
        object.__setattr__(self, "after", after)

    def was(self, place: int) -> int | None:
        """Where a place was as read; None for one that was not there."""
        if place < 0:
            return None
        if place < len(self.origin):
            return self.origin[place]
        return place - self.shift

    def now(self, was: int) -> int | None:
        """Where a place as read comes to lie; None for a deleted one."""
        if was in self.after:
            return self.after[was]
        return None if was < len(self.origin) - self.shift else was + self.shift

    def covered(self, start: int, end: int) -> list[int]:
        """Places of ours between two places as read, those included that come in between."""
        staying = [place for was in range(start, end) if (place := self.now(was)) is not None]
        within = range(min(staying), max(staying) + 1) if staying else range(0)
        return [place for place in (*self.lines, *self.left) if place in within]

    @property
    def shift(self) -> int:
        return sum((end - start) * (1 if kind == "insert" else -1) for kind, start, end in self.edits)

    def runs(self, wanted: Iterable[int]) -> Iterator[Run]:
        """The places of wanted lines, in their order, neighbours as one run."""
        start = end = -1
        for line in wanted:
            place = self.lines[line]
            if place == end:
                end += 1
                continue
            if start >= 0:
                yield start, end
            start, end = place, place + 1
        if start >= 0:
            yield start, end


@frozen
class Layout:
    """The rows and columns of a tab."""

    rows: Axis
    columns: Axis
    header: int
    """Place of the header row."""

    @property
    def changed(self) -> bool:
        return bool(self.rows.edits or self.columns.edits)

    def read(self, block: Block, row: int, column: int) -> EnteredValue:
        """What was read of the cell that comes to lie here."""
        old_row, old_column = self.rows.was(row), self.columns.was(column)
        if old_row is None or old_column is None or old_row >= len(block.cells):
            return {}
        cells = block.cells[old_row]
        return cells[old_column] if old_column < len(cells) else {}

    def areas(self, area: Area, *, fresh: bool = False) -> Iterator[Area]:
        """An area of the wanted tab as it lies there, in pieces; or what of it lies in new rows and columns."""
        rows, columns = list(_lines(area.top, area.bottom, self.rows)), list(range(area.left, area.right))
        if not fresh:
            yield from self._pieces(rows, columns, is_open=area.bottom is None)
            return
        new_rows = [row for row in rows if row in self.rows.fresh]
        new_columns = [column for column in columns if column in self.columns.fresh]
        yield from self._pieces(new_rows, columns, is_open=False)
        yield from self._pieces(rows, new_columns, is_open=area.bottom is None)

    def _pieces(self, rows: Sequence[int], columns: Sequence[int], *, is_open: bool) -> Iterator[Area]:
        # What has no end begins below the header, whatever people have inserted there.
        spans: list[tuple[int, int | None]] = [(self.header + 1, None)] if is_open else list(_joined(self.rows, rows))
        for left, right in _joined(self.columns, columns):
            yield from (Area(top, left, bottom, right) for top, bottom in spans)

    def place(self, row: int, column: int) -> tuple[int, int]:
        """A cell of the wanted tab or beside it, as it lies there."""
        return _place(self.rows, row), _place(self.columns, column)


def _lines(start: int, end: int | None, axis: Axis) -> range:
    return range(start, len(axis.lines) if end is None else end)


def _joined(axis: Axis, lines: Iterable[int]) -> Iterator[Run]:
    """As `runs`, in the order of the places."""
    in_place = sorted((line for line in lines if line < len(axis.lines)), key=lambda line: axis.lines[line])
    return axis.runs(in_place)


def _place(axis: Axis, line: int) -> int:
    if line < len(axis.lines):
        return axis.lines[line]
    return max(axis.lines, default=-1) + 1 + line - len(axis.lines)


def identity(tab: Tab) -> Layout:
    """The tab as it is wanted, from A1 on."""
    return Layout(Axis(tuple(range(len(tab.rows)))), Axis(tuple(range(tab.width))), tab.header)


def laid_out(block: Block, tab: Tab, marked: Mapping[int, str] | None = None) -> tuple[Layout, Places]:
    """The layout of `tab` in a block that was read, and where its rows were.

    `marked` are the marks of columns before a write that was undone: some went with it.
    """
    columns, rows = located(block, tab, marked)
    our_rows = {row for row, key in _keyed(rows) if not is_bare(key)}
    idle = [place for place in columns.vanished if not _column_used(block, place, our_rows)]
    across = _axis([column.key for column in tab.columns], columns, _width(block), idle)
    first = tab.columns[0].key
    unused = [row for row, key in rows.vanished.items() if not _row_used(block, row, key, columns, first)]
    removable = [] if tab.typed_in else unused
    down = _axis(tab.row_keys, rows, len(block.cells), removable)
    return Layout(down, across, down.lines[tab.header]), rows


def located(block: Block, tab: Tab, marked: Mapping[int, str] | None = None) -> tuple[Places, Places]:
    """Where the columns and the rows of `tab` lie in a block that was read."""
    titles = column_lines(tab)
    head = header_row(block, [line.name for line in titles], tab.header)
    columns = columns_read(block, titles, head, marked)
    rows = _rows_read(block, tab, columns, head)
    taken = {*tab.taken.values()}
    vanished = {place: key for place, key in rows.vanished.items() if place not in taken}
    return columns, Places({**rows.at, **tab.taken}, vanished, rows.copies - taken, rows.unmarked - taken)


def column_lines(tab: Tab) -> list[Line]:
    """The wanted columns; the hidden one has no name that anybody sees."""
    titles = zip(tab.columns, tab.rows[tab.header], strict=True)
    return [Line(column.key, "" if column.key == KEY_COLUMN else _name(title)) for column, title in titles]


def row_lines(tab: Tab) -> list[Line]:
    """The wanted rows. Where people type, what stands in the first cell says nothing of whose row it is."""
    if tab.typed_in:
        return [Line(key, tab.fingerprints.get(key, "")) for key in tab.row_keys]
    # Rows that wait all look alike.
    rows = zip(tab.row_keys, tab.rows, strict=True)
    return [Line(key, "" if key.startswith(WAITING) else _name(row[0])) for key, row in rows]


def typed_rows(block: Block, titles: Mapping[str, str]) -> list[TypedRow]:
    """What people typed below the header; `titles` are the words of the header row by column."""
    lines = [Line(key, title) for key, title in titles.items()]
    lines.append(Line(KEY_COLUMN))
    head = header_row(block, [line.name for line in lines], HEADER)
    columns = columns_read(block, lines, head).at
    marks = _row_marks(block, columns.get(KEY_COLUMN))
    # Where the header row was deleted, the table begins below what else stood above it.
    above = (
        head if head is not None else max((row for row, line in marks.items() if line.key.startswith("#")), default=-1)
    )
    own = set(columns.values())
    header = block.cells[head] if head is not None and head < len(block.cells) else ()
    others = [(place, title) for place, title in enumerate(header) if title and place not in own]
    return [
        TypedRow(
            row,
            marks[row].key if row in marks else "",
            {
                key: _as_typed(block, row, place)
                for key, place in columns.items()
                if place < len(cells) and cells[place]
            },
            marks[row].name if row in marks else "",
            tuple(Beside(place, title, cells[place]) for place, title in others if place < len(cells)),
        )
        for row, cells in enumerate(block.cells)
        if row > above
    ]


def _as_typed(block: Block, row: int, column: int) -> EnteredValue:
    """A cell; where a person's chip stands for a word, the person's mail address."""
    address = block.people.get((row, column))
    return {"stringValue": address} if address else block.cells[row][column]


def header_row(block: Block, titles: Collection[str], usual: int) -> int | None:
    """Where the header row lies, by its mark, else by its words; None where there is none."""
    marks = _row_marks(block, _key_column(block))
    marked = [row for row, line in marks.items() if line.key == HEADER_KEY]
    scores = [sum(1 for cell in cells if cell and name_of(cell) in titles) for cells in block.cells]
    if marked:
        return max(marked, key=lambda row: scores[row])
    best = max(scores, default=0)
    if best >= min(2, len(titles)) and best:
        return scores.index(best)
    return usual if not block.columns and not block.order and block.written else None


def columns_read(
    block: Block, titles: Sequence[Line], head: int | None, marked: Mapping[int, str] | None = None
) -> Places:
    """The columns by their marks and the words in the header row."""
    header = block.cells[head] if head is not None and head < len(block.cells) else ()
    names = {place: name_of(cell) for place, cell in enumerate(header) if cell}
    marks = {place: line_of(text) for place, text in block.columns.items()}
    # Nobody sees the name of the hidden column: it has none.
    names |= {place: "" for place, line in marks.items() if line.key == KEY_COLUMN}
    if head is None:
        # No word is left to go by.
        names = {place: line.name for place, line in marks.items()}
    before = marked or {}
    last = [line_of(before[place]) if place in before else None for place in range(max(before, default=-1) + 1)]
    located = places(titles, marks, names, last)
    if marks:
        return located
    # Of an earlier release, which wrote from A1 on.
    old = range(block.memory.columns)
    return replace(located, vanished={place: f"?{place}" for place in old if place not in located.at.values()})


def row_marks(block: Block) -> dict[int, Line]:
    """The marks of rows by their places."""
    return _row_marks(block, _key_column(block))


def _key_column(block: Block) -> int | None:
    return next((place for place, text in block.columns.items() if line_of(text).key == KEY_COLUMN), None)


def _rows_read(block: Block, tab: Tab, columns: Places, head: int | None) -> Places:
    lines = row_lines(tab)
    marks = _row_marks(block, columns.at.get(KEY_COLUMN))
    first = columns.at.get(tab.columns[0].key)
    names = _column_names(block, first)
    if first is None:
        names = {row: line.name for row, line in marks.items()}
    if marks and head is not None and HEADER_KEY not in {line.key for line in marks.values()}:
        # Known by its words.
        marks[head] = Line(HEADER_KEY, names.get(head, ""))
    if tab.places:
        return _placed(tab, lines, marks)
    last = [line_of(text) if text else None for text in block.order]
    # Long tables remember no order: there a row without a name may be people's.
    if marks or not block.memory.rows or (block.columns and not last):
        return places(lines, marks, names, last)
    # Their names are all there is; what has none of ours lies where it lay last.
    located = places(lines, {}, names, last)
    order = [line.key if line else "" for line in last]
    order = order or [*tab.row_keys[: tab.header + 1], *["?"] * (block.memory.rows - tab.header - 1)]
    lain = {*located.at.values(), *located.vanished}
    seen = {*located.at, *located.vanished.values()}
    lying = {
        row: f"?{row}" if key == "?" else key
        for row, key in enumerate(order)
        if key and key not in seen and row not in lain and row not in names
    }
    at = {key: row for row, key in lying.items() if key in tab.row_keys}
    gone = {row: key for row, key in lying.items() if key not in tab.row_keys}
    return Places({**located.at, **at}, {**located.vanished, **gone})


def _placed(tab: Tab, lines: Sequence[Line], marks: Mapping[int, Line]) -> Places:
    """The rows of a tab that people type into: it was made from these very rows, so it says itself where they are."""
    above = {row: line for row, line in marks.items() if line.key.startswith("#")}
    located = places(lines[: tab.header + 1], above, {row: line.name for row, line in above.items()})
    at = {**located.at, **tab.places}
    taken, keys = set(at.values()), set(tab.row_keys)
    free = {row: line.key for row, line in marks.items() if row not in taken}
    copies = frozenset(row for row, key in free.items() if key in keys)
    return Places(at, {row: key for row, key in free.items() if key not in keys}, copies, copies)


def _row_marks(block: Block, column: int | None) -> dict[int, Line]:
    return {row: line_of(name) for row, name in _column_names(block, column).items()}


def _column_names(block: Block, column: int | None) -> dict[int, str]:
    if column is None:
        return {}
    return {
        row: name_of(cells[column]) for row, cells in enumerate(block.cells) if column < len(cells) and cells[column]
    }


def _name(cell: Cell) -> str:
    return name_of(entered(cell))


def is_bare(key: str) -> bool:
    """Whether a row of that key has a name and nothing else: titles, headings, room for charts."""
    return key.startswith("#") and key != HEADER_KEY


def _keyed(located: Places) -> Iterator[tuple[int, str]]:
    yield from ((place, key) for key, place in located.at.items())
    yield from located.vanished.items()


def _row_used(block: Block, row: int, key: str, columns: Places, first: str) -> bool:
    """Whether people wrote beside a row of ours."""
    ours = {place for place, column in _keyed(columns) if not is_bare(key) or column in {first, KEY_COLUMN}}
    cells = block.cells[row] if row < len(block.cells) else ()
    beside = any(cell for column, cell in enumerate(cells) if column not in ours)
    return beside or any(noted == row and column not in ours for noted, column in block.notes)


def _column_used(block: Block, column: int, rows: Collection[int]) -> bool:
    """Whether people wrote into a column of ours, above, below or between our rows."""
    return any(column < len(cells) and cells[column] and row not in rows for row, cells in enumerate(block.cells))


def _width(block: Block) -> int:
    return max([len(row) for row in block.cells], default=0)


def _axis(keys: Sequence[str], located: Places, size: int, removable: Collection[int]) -> Axis:
    """The lines of ours that are there stay; a new one comes behind the one that it follows."""
    size = max([size, *(place + 1 for place in (*located.at.values(), *located.vanished))])
    coming: dict[int, list[int]] = {}
    behind = 0
    for index, key in enumerate(keys):
        if key in located.at:
            behind = located.at[key] + 1
        else:
            coming.setdefault(behind, []).append(index)
    gone = set(removable)
    lines, origin = [0] * len(keys), list[int | None]()
    indexes = {located.at[key]: index for index, key in enumerate(keys) if key in located.at}
    for place in range(size + 1):
        for index in coming.get(place, ()):
            lines[index] = len(origin)
            origin.append(None)
        if place == size or place in gone:
            continue
        if place in indexes:
            lines[indexes[place]] = len(origin)
        origin.append(place)
    now = {was: place for place, was in enumerate(origin) if was is not None}
    return Axis(
        tuple(lines),
        frozenset(index for indexes_there in coming.values() for index in indexes_there),
        {now[place]: key for place, key in sorted(located.vanished.items()) if place in now},
        tuple(now[place] for place in sorted(located.unmarked) if place in now),
        tuple(_edits(coming, gone)),
        tuple(origin),
    )


def _edits(coming: Mapping[int, Sequence[int]], gone: Collection[int]) -> Iterator[tuple[str, int, int]]:
    """From the end on, so that none moves the places of those that follow."""
    deleted = {end - 1: (start, end) for start, end in stretches(gone)}
    for place in sorted({*coming, *deleted}, reverse=True):
        # A stretch that ends here goes first: what is inserted before it is not to go with it.
        if place in deleted:
            yield ("delete", *deleted[place])
        if place in coming:
            yield "insert", place, place + len(coming[place])


def stretches(chosen: Iterable[int]) -> Iterator[Run]:
    """Places that are next to each other, as one run."""
    for _offset, run in groupby(enumerate(sorted(chosen)), key=lambda pair: pair[1] - pair[0]):
        members = [place for _number, place in run]
        yield members[0], members[-1] + 1


def with_keys(tab: Tab) -> Tab:
    """The tab with the hidden column by which its rows are found again."""
    rows = tuple((*row, Text(line.to_text())) for row, line in zip(tab.rows, row_lines(tab), strict=True))
    return replace(tab, columns=(*tab.columns, Column(KEY_COLUMN, "", hidden=True)), rows=rows)
