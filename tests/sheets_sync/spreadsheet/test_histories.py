"""The sheet plan alone, on the local Sheets' own batch engine: people may do anything, and it stays right.

Histories of what people do between syncs and while one runs. Afterwards people's cells are there byte for byte, beside
the rows and columns that they stood beside; every number of the bot's stands under its name, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sheet_history import (
    ACTS,
    CONTENTS,
    MARK,
    PEOPLE,
    TABS,
    WANTED,
    Act,
    Place,
    Seen,
    Team,
    content_of,
    differ,
    text_in,
)

from sheets_sync.spreadsheet.set_aside import copies_in
from sheets_sync.tabs.cells import Number, entered
from sheets_sync.tabs.tab import Tab

import long

Json = dict[str, Any]


def check_bots_cells(team: Team, before: Mapping[int, set[str]]) -> None:
    """Every wanted number under its name, once, and none that is not wanted."""
    for tab in team.wanted:
        sheet = team.sheet(tab.block)
        assert sheet is not None, f"no tab {tab.block}"
        seen = Seen(sheet)
        rows: dict[str, list[int]] = {}
        for row, name in seen.names.items():
            rows.setdefault(name, []).append(row)
        columns: dict[str, list[int]] = {}
        for column, head in seen.heads.items():
            columns.setdefault(head, []).append(column)
        wanted: set[Place] = set()
        for line in tab.rows:
            name = entered(line[0]).get("stringValue")
            if name is None:
                continue
            assert len(rows.get(str(name), [])) == 1, f"{name}: {rows}"
            (row,) = rows[str(name)]
            for column_wanted, cell in zip(tab.columns, line, strict=True):
                assert len(columns.get(column_wanted.title, [])) == 1, f"{column_wanted.title}: {columns}"
                (column,) = columns[column_wanted.title]
                there = sheet.cells.get((row, column), {}).get("userEnteredValue", {})
                if MARK.search(str(there)) and not entered(cell):
                    continue
                assert there == entered(cell), f"{name} / {column_wanted.title}: {there}"
                wanted.add((row, column))
        stale = {
            place: cell["userEnteredValue"]
            for place, cell in sheet.cells.items()
            if "numberValue" in cell.get("userEnteredValue", {}) or text_in(cell).startswith("status ")
            if place not in wanted and not MARK.search(str(cell))
        }
        assert stale == {}, f"stale: {stale}"


def own_tabs(team: Team) -> dict[int, tuple[Json, dict[Place, Json]]]:
    """Tabs that are not the bot's, whole."""
    ours = {block.sheet_id for block in team.read().blocks.values()}
    return {each.sheet_id: (each.properties, each.cells) for each in team.now.sheets if each.sheet_id not in ours}


@long.examples("histories of a spreadsheet", 16, 1_000, deadline=None)
@given(
    WANTED, st.lists(st.tuples(st.lists(ACTS, min_size=1, max_size=8), WANTED, st.booleans()), min_size=1, max_size=4)
)
def test_whatever_people_do_it_is_right_after_the_next_sync(
    first: list[Tab], rounds: list[tuple[list[Act], list[Tab], bool]]
) -> None:
    """People's cells byte for byte and beside what they stood beside; the bot's right; no second tab; nothing stale.

    Not promised: that a row is known whose name and hidden key were both deleted, or merged away at once.
    """
    team = Team()
    team.sync(first)
    check_bots_cells(team, {})
    for acts, tabs, lost in rounds:
        for act in acts:
            team.act(act)
        before, own = team.peoples(), own_tabs(team)
        titles = len(team.now.sheets)
        blocks = set(team.read().blocks)
        team.sync(tabs, lost=lost)
        after = team.peoples()
        assert after.keys() == before.keys()
        changed = [
            (was, now)
            for key, cells in before.items()
            for was, now in zip(cells, after[key], strict=True)
            if differ(was, now)
        ]
        assert changed == [], changed
        check_bots_cells(team, {})
        assert len(team.now.sheets) == titles + len({tab.block for tab in tabs} - blocks)
        still = own_tabs(team)
        assert {number: still.get(number) for number in own} == own


MEANWHILE = st.builds(
    Act,
    st.sampled_from(
        ("type", "type", "insert_row", "insert_column", "delete_row", "move_row", "sort", "rename", "restyle")
    ),
    TABS,
    st.integers(0, 13),
    st.integers(0, 13),
    st.sampled_from(sorted(CONTENTS)),
    PEOPLE,
)
LATER = st.builds(
    Act,
    st.sampled_from(("type", "type", "insert_row", "rename", "restyle")),
    TABS,
    st.integers(0, 13),
    st.integers(0, 13),
    st.sampled_from(sorted(CONTENTS)),
    PEOPLE,
)


def _other_numbers(tab: Tab) -> Tab:
    """The same rows and columns with other numbers."""
    rows = [
        tuple(
            Number(cell.value + 50_000, cell.format) if isinstance(cell, Number) and cell.value is not None else cell
            for cell in row
        )
        for row in tab.rows
    ]
    return replace(tab, rows=tuple(rows))


@long.examples("acts between reading and writing", 12, 1_000, deadline=None)
@given(
    WANTED,
    st.none() | WANTED,
    st.lists(ACTS, max_size=5),
    st.lists(MEANWHILE, min_size=1, max_size=3),
    st.sampled_from(["", "lost", "fatal"]),
    st.lists(LATER, max_size=2),
)
def test_what_people_do_between_reading_and_writing_is_put_right_at_once(
    first: list[Tab], other: list[Tab] | None, acts: list[Act], meanwhile: list[Act], trouble: str, later: list[Act]
) -> None:
    """The write shows that it slipped; what it wrote upon is put back, and the numbers are under their names.

    So it is where the answer was lost, and where the sync was killed before it read one: then by the next.

    Not promised is a cell that people typed into in that very moment, where the slipped write lands on it.
    """
    team = Team()
    team.sync(first)
    for act in acts:
        team.act(act)
    team.sync(first)
    before = team.peoples()
    # Other rows and columns, too: then some are inserted and deleted in that moment.
    team.sync(
        other or [_other_numbers(tab) for tab in first],
        meanwhile,
        later,
        lost=trouble == "lost",
        fatal=trouble == "fatal",
    )
    assert copies_in(team.document()) == []
    after = team.peoples()
    gone = {key: cells for key, cells in before.items() if key not in after}
    assert not gone or any(act.kind.startswith("delete") for act in meanwhile), gone
    for key in before.keys() & after.keys():
        # Without looks, nor formulas: people may have restyled it meanwhile, and inserted and renamed.
        texts = [[content_of(cell) for cell, *_beside in cells[key]] for cells in (before, after)]
        assert texts[0] == texts[1] or "formulaValue" in str(texts[0])
    check_bots_cells(team, {})
