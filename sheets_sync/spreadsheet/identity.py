"""Which row or column of a tab is which, wherever people have put it.

A line (a row or a column) of ours has a mark that people do not see, and a name that they do. The mark says the line's
key and the name that it had when we last wrote it. Whatever moves a line as a whole takes both along; what moves cells
alone (a sort of the columns that people see, a cut) takes the name alone, and the name then counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpi_core.frozen_dataclass import frozen
from sheets_sync.tabs.cells import EnteredValue


@frozen
class Line:
    """A row or column of ours; `name` is "" where its first cell is empty."""

    key: str
    name: str = ""

    def to_text(self) -> str:
        """The mark."""
        return f"{self.key}\n{self.name}" if self.name else self.key


def line_of(text: str) -> Line:
    """The line of a mark."""
    key, _, name = text.partition("\n")
    return Line(key, name)


def name_of(value: EnteredValue) -> str:
    """What a cell's value is as a name; "" for an empty cell."""
    for content in value.values():
        return str(float(content)) if isinstance(content, int | float) else content
    return ""


@frozen
class Places:
    """Where the lines of ours lie, by their places as read."""

    at: Mapping[str, int]
    vanished: Mapping[int, str]
    """Lines of ours that are wanted no more."""
    copies: frozenset[int] = frozenset()
    """Copies of lines of ours: people's."""
    unmarked: frozenset[int] = frozenset()
    """Lines that bear a mark of ours and are people's, the copies among them."""


def places(
    wanted: Sequence[Line], marks: Mapping[int, Line], names: Mapping[int, str], last: Sequence[Line | None] = ()
) -> Places:
    """Find each wanted line. `last` says what lay where at the last sync: of several copies the nearest is ours."""
    # Without any mark (people deleted them all, or an earlier release made none) the wanted names count, too.
    known = [*marks.values(), *filter(None, last), *(() if marks else wanted)]
    there = _by_key(marks, names, known)
    lay = {line.key: place for place, line in enumerate(last) if line}
    ours = {
        key: min(candidates, key=lambda place: (abs(place - lay.get(key, place)), place))
        for key, candidates in there.items()
    }
    keys = {line.key for line in wanted}
    used = set(ours.values())
    return Places(
        {key: place for key, place in ours.items() if key in keys},
        {place: key for key, place in ours.items() if key not in keys},
        frozenset(place for candidates in there.values() for place in candidates if place not in used),
        frozenset(place for place in marks if place not in used),
    )


def _by_key(marks: Mapping[int, Line], names: Mapping[int, str], known: Sequence[Line]) -> dict[str, list[int]]:
    """The places of each key: those with its mark and its name, else where its name went, else where its mark is."""
    there: dict[str, list[int]] = {}
    taken: set[int] = set()
    for place, line in sorted(marks.items()):
        if names.get(place, "") == line.name:
            there.setdefault(line.key, []).append(place)
            taken.add(place)
    named: dict[str, list[int]] = {}
    for place, name in names.items():
        named.setdefault(name, []).append(place)
    for line in known:
        if line.key in there or not line.name:
            continue
        # Also where its mark is nowhere: people wiped it, or hid it in a merge.
        went = [place for place in named.get(line.name, ()) if place not in taken]
        if len(went) == 1:
            there[line.key] = went
            taken.add(went[0])
    for place, line in sorted(marks.items()):
        if line.key not in there and place not in taken:
            there[line.key] = [place]
            taken.add(place)
    return there
