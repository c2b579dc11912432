"""What a spreadsheet holds: tabs of sparse cells and the objects that lie on them.

Everything inside is kept in the API's own JSON. A cell's JSON is never changed in place, only replaced, so that a copy
of a spreadsheet is cheap and a failed batch can be thrown away whole.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.document.a1 import area_name
from sheets_sync.sandbox.document.area import Area, area_of

Json = dict[str, Any]
Place = tuple[int, int]

CELL_LIMIT = 10_000_000
OBJECT_KINDS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "charts",
    "bandedRanges",
    "rowGroups",
    "columnGroups",
    "slicers",
    "tables",
    "commentAnchors",
)
WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: Json = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}


@dataclass(slots=True)
class Sheet:
    """One tab. `properties` is its SheetProperties without the index, which is its place in the spreadsheet."""

    properties: Json
    cells: dict[Place, Json] = field(default_factory=dict)
    rows: dict[int, Json] = field(default_factory=dict)
    columns: dict[int, Json] = field(default_factory=dict)
    objects: dict[str, list[Json]] = field(default_factory=lambda: {kind: [] for kind in OBJECT_KINDS})
    basic_filter: Json | None = None

    @property
    def sheet_id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def column_count(self) -> int:
        return int(self.properties["gridProperties"]["columnCount"])

    def area(self, grid_range: Json | None = None) -> Area:
        """The rectangle of a GridRange on this tab; the whole tab without one."""
        return area_of({"sheetId": self.sheet_id, **(grid_range or {})}, self.row_count, self.column_count)

    def resize(self, *, rows: int = 0, columns: int = 0) -> None:
        """Grow (or shrink) the grid by so many rows and columns."""
        grid = self.properties["gridProperties"]
        grid["rowCount"] += rows
        grid["columnCount"] += columns

    def put(self, place: Place, cell: Json) -> None:
        """Replace a cell; one that holds nothing is not kept."""
        if cell:
            self.cells[place] = cell
        else:
            self.cells.pop(place, None)

    def edge(self) -> Place:
        """(rows, columns) up to the last cell that holds anything."""
        if not self.cells:
            return 0, 0
        return max(row for row, _ in self.cells) + 1, max(column for _, column in self.cells) + 1

    def copy(self) -> Sheet:
        return Sheet(
            copy.deepcopy(self.properties),
            dict(self.cells),
            dict(self.rows),
            dict(self.columns),
            copy.deepcopy(self.objects),
            copy.deepcopy(self.basic_filter),
        )


@dataclass(slots=True)
class Spreadsheet:
    """One file. `metadata` holds all developer metadata, `issued` counts the ids this spreadsheet has given out.

    Google does not say whether a copied tab takes its developer metadata along; with `copies_metadata` it does.
    """

    spreadsheet_id: str
    url: str
    properties: Json
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)
    comments: list[Json] = field(default_factory=list)
    issued: int = 0
    copies_metadata: bool = False

    def copy(self) -> Spreadsheet:
        return Spreadsheet(
            self.spreadsheet_id,
            self.url,
            copy.deepcopy(self.properties),
            [sheet.copy() for sheet in self.sheets],
            copy.deepcopy(self.named_ranges),
            copy.deepcopy(self.metadata),
            copy.deepcopy(self.comments),
            self.issued,
            self.copies_metadata,
        )

    @property
    def locale(self) -> str:
        return str(self.properties.get("locale", "en_US"))

    def new_id(self) -> int:
        """A number like Google's: large, positive, the same in each run."""
        self.issued += 1
        # An id is a positive int32 in the API; 0 is the first tab's.
        return zlib.crc32(f"{self.spreadsheet_id}/{self.issued}".encode()) & 0x7FFFFFFF or 1

    def sheet(self, sheet_id: int) -> Sheet:
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise invalid(f"No grid with id: {sheet_id}")

    def titled(self, title: str) -> Sheet | None:
        """The tab of that title, which ignores case as Google does."""
        exact = [sheet for sheet in self.sheets if sheet.title == title]
        same = exact or [sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()]
        return same[0] if same else None

    def area(self, grid_range: Json) -> Area:
        """The rectangle of a GridRange; a missing sheetId is 0, as in the API."""
        return self.sheet(grid_range.get("sheetId", 0)).area(grid_range)

    def named_range(self, name: str) -> Json | None:
        for named in self.named_ranges:
            if named["name"].casefold() == name.casefold():
                return named
        return None

    def name_of(self, area: Area) -> str:
        """The area in A1 notation with its tab."""
        title = self.sheet(area.sheet_id).title
        return area_name(title, (area.top, area.left), (area.bottom, area.right))

    def check_size(self) -> None:
        """Raises a 400 when the grids hold more cells than a spreadsheet may."""
        if sum(sheet.row_count * sheet.column_count for sheet in self.sheets) > CELL_LIMIT:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
            )

    def formulas(self) -> Iterator[tuple[Sheet, Place, str]]:
        """Every formula with its tab and place."""
        for sheet in self.sheets:
            for place, cell in list(sheet.cells.items()):
                formula = cell.get("userEnteredValue", {}).get("formulaValue")
                if formula is not None:
                    yield sheet, place, formula


def new_sheet(sheet_id: int, title: str, properties: Json | None = None) -> Sheet:
    """An empty grid, 1000 rows by 26 columns unless `properties` says otherwise."""
    sheet_properties = copy.deepcopy(properties or {})
    grid = {"rowCount": 1000, "columnCount": 26, **sheet_properties.pop("gridProperties", {})}
    sheet_properties.pop("index", None)
    return Sheet({**sheet_properties, "sheetId": sheet_id, "title": title, "sheetType": "GRID", "gridProperties": grid})


def new_spreadsheet(spreadsheet_id: str, url: str, properties: Json) -> Spreadsheet:
    """A file with one tab, "Sheet1", id 0."""
    full_properties = {
        "title": "Untitled spreadsheet",
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
        "defaultFormat": copy.deepcopy(DEFAULT_FORMAT),
        **copy.deepcopy(properties),
    }
    return Spreadsheet(spreadsheet_id, url, full_properties, [new_sheet(0, "Sheet1")])
