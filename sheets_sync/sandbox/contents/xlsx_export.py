"""A spreadsheet as an .xlsx workbook, which Drive's export answers: ECMA-376, the parts that every reader needs.

Cells with their values, formulas, number formats, bold, italic and colours; merges, sizes, frozen panes, hidden tabs.
Charts, notes, conditional formats and drop-downs are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.spreadsheet_json import COLUMN_PIXELS
from sheets_sync.sandbox.document.a1 import column_letters
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet
from sheets_sync.sandbox.formulas.operands import FormulaError
from sheets_sync.sandbox.notation.number_patterns import pattern_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NO_FILL = '<fill><patternFill patternType="none"/></fill>'
MOST_CHARACTERS = 32_767
"""Of a cell in Excel."""
# Excel knows none of these; what they showed is written instead.
GOOGLES_OWN = re.compile(
    r"\b(?:SPARKLINE|IMPORT\w+|GOOGLE\w+|QUERY|ARRAYFORMULA|FLATTEN|SPLIT|IMAGE)\s*\(", re.IGNORECASE
)


def workbook(spreadsheet: Spreadsheet, now: datetime) -> bytes:
    """The file. Stamped with no time, so that the same spreadsheet gives the same bytes."""
    styles = _Styles()
    reader = Reader(spreadsheet, now)
    parts = {
        f"xl/worksheets/sheet{number}.xml": _sheet(spreadsheet, reader, sheet, styles)
        for number, sheet in enumerate(spreadsheet.sheets, 1)
    }
    count = len(spreadsheet.sheets)
    parts |= {
        "[Content_Types].xml": _content_types(count),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(spreadsheet),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, count + 1)),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": styles.xml(),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), HEAD + text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _content_types(count: int) -> str:
    sheets = "".join(_override(f"worksheets/sheet{number}.xml", "worksheet") for number in range(1, count + 1))
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    own = _override("workbook.xml", "sheet.main") + _override("styles.xml", "styles")
    return f'<Types xmlns="{PACKAGE}/content-types">{rels}{own}{sheets}</Types>'


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="/xl/{part}" ContentType="{SHEET_ML}.{kind}+xml"/>'


def _relations(targets: list[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _book(spreadsheet: Spreadsheet) -> str:
    names: list[str] = []
    for sheet in spreadsheet.sheets:
        names.append(_free_name(sheet.title, names))
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" '
        + ('state="hidden" ' if sheet.properties.get("hidden") else "")
        + f'r:id="rId{number}"/>'
        for number, (name, sheet) in enumerate(zip(names, spreadsheet.sheets, strict=True), 1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _free_name(title: str, taken: list[str]) -> str:
    """Excel takes 31 characters, some signs never, and each name once whatever its case."""
    name, number = re.sub(r"[\[\]:*?/\\]", "_", title).strip("'")[:31] or "Sheet", 1
    used = {one.casefold() for one in taken}
    free = name
    while free.casefold() in used:
        number += 1
        free = f"{name[: 28 - len(str(number))]} ({number})"
    return free


class _Styles:
    """The cell formats in use, each with its number in the workbook's table."""

    def __init__(self) -> None:
        self._formats: dict[tuple[str, str, str], int] = {("", "<font/>", NO_FILL): 0}

    def number(self, pattern: str, look: Json) -> int:
        """The style of cells with this number pattern and userEnteredFormat."""
        text = look.get("textFormat", {})
        colour = _colour(text, "foregroundColor")
        font = "".join(f"<{name[0]}/>" for name in ("bold", "italic") if text.get(name))
        font += f'<color rgb="FF{colour}"/>' if colour else ""
        ground = _colour(look, "backgroundColor")
        solid = f'<patternFill patternType="solid"><fgColor rgb="FF{ground}"/></patternFill>'
        fill = f"<fill>{solid}</fill>" if ground else NO_FILL
        key = (pattern, f"<font>{font}</font>" if font else "<font/>", fill)
        return self._formats.setdefault(key, len(self._formats))

    def xml(self) -> str:
        patterns = sorted({pattern for pattern, _, _ in self._formats if pattern})
        # Numbers below 164 are Excel's own formats, the first two fills are fixed.
        numbers = {pattern: number for number, pattern in enumerate(patterns, 164)} | {"": 0}
        fonts = list(dict.fromkeys(font for _, font, _ in self._formats))
        fills = [NO_FILL, '<fill><patternFill patternType="gray125"/></fill>']
        fills += [fill for fill in dict.fromkeys(fill for _, _, fill in self._formats) if fill != NO_FILL]
        formats = "".join(f'<numFmt numFmtId="{numbers[one]}" formatCode={quoteattr(one)}/>' for one in patterns)
        cells = "".join(
            f'<xf numFmtId="{numbers[pattern]}" fontId="{fonts.index(font)}" fillId="{fills.index(fill)}" borderId="0"'
            ' applyNumberFormat="1" applyFont="1" applyFill="1"/>'
            for pattern, font, fill in self._formats
        )
        return (
            f'<styleSheet xmlns="{MAIN}">'
            + (f'<numFmts count="{len(patterns)}">{formats}</numFmts>' if patterns else "")
            + f'<fonts count="{len(fonts)}">{"".join(fonts)}</fonts>'
            + f'<fills count="{len(fills)}">{"".join(fills)}</fills>'
            + '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
            + f'<cellXfs count="{len(self._formats)}">{cells}</cellXfs>'
            + '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        )


def _colour(look: Json, name: str) -> str:
    style = look.get(f"{name}Style", {}).get("rgbColor")
    rgb = style if style is not None else look.get(name)
    if rgb is None:
        return ""
    return "".join(f"{round(255 * min(1, max(0, float(rgb.get(part, 0))))):02X}" for part in ("red", "green", "blue"))


def _sheet(spreadsheet: Spreadsheet, reader: Reader, sheet: Sheet, styles: _Styles) -> str:
    rows: dict[int, list[str]] = {}
    for place in sorted(set(sheet.cells) | reader.calculation.spilled_places(sheet)):
        rows.setdefault(place[0], []).append(_cell(spreadsheet, reader, sheet, place, styles))
    lines = "".join(f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in rows.items())
    merges = "".join(f'<mergeCell ref="{_area_name(spreadsheet, one)}"/>' for one in sheet.objects["merges"])
    merged = f"<mergeCells>{merges}</mergeCells>" if merges else ""
    body = f"{_pane(sheet)}{_columns(sheet)}<sheetData>{lines}</sheetData>{merged}"
    return f'<worksheet xmlns="{MAIN}">{body}</worksheet>'


def _area_name(spreadsheet: Spreadsheet, grid_range: Json) -> str:
    area = spreadsheet.area(grid_range)
    return f"{_name(area.top, area.left)}:{_name(area.bottom - 1, area.right - 1)}"


def _name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row + 1}"


def _pane(sheet: Sheet) -> str:
    grid = sheet.properties["gridProperties"]
    rows, columns = grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)
    if not rows and not columns:
        return ""
    split = (f' xSplit="{columns}"' if columns else "") + (f' ySplit="{rows}"' if rows else "")
    corner = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
    pane = f'<pane{split} topLeftCell="{_name(rows, columns)}" activePane="{corner}" state="frozen"/>'
    return f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'


def _columns(sheet: Sheet) -> str:
    """Widths count characters of about 7 pixels, beside 5 of padding."""
    entries = "".join(
        f'<col min="{column + 1}" max="{column + 1}" width="{(size.get("pixelSize", COLUMN_PIXELS) - 5) / 7:.2f}"'
        + (' hidden="1"' if size.get("hiddenByUser") else "")
        + ' customWidth="1"/>'
        for column, size in sorted(sheet.columns.items())
    )
    return f"<cols>{entries}</cols>" if entries else ""


def _cell(spreadsheet: Spreadsheet, reader: Reader, sheet: Sheet, place: Place, styles: _Styles) -> str:
    cell = sheet.cells.get(place, {})
    pattern = pattern_of(reader.number_format(sheet, place), spreadsheet.locale)
    style = styles.number(pattern, cell.get("userEnteredFormat", {}))
    attributes = f'r="{_name(*place)}"' + (f' s="{style}"' if style else "")
    formula = cell.get("userEnteredValue", {}).get("formulaValue", "")
    kind, body = _value(reader.value(sheet, place))
    if formula and not GOOGLES_OWN.search(formula):
        # A text that a formula gives is no inline string.
        kind, body = ("str", f"<v>{_text(reader.text(sheet, place))}</v>") if kind == "inlineStr" else (kind, body)
        body = f"<f>{_text(formula.removeprefix('='))}</f>{body}"
    return f"<c {attributes}" + (f' t="{kind}"' if kind else "") + (f">{body}</c>" if body else "/>")


def _value(value: Any) -> tuple[str, str]:
    """The type of a cell and what is in it."""
    if value is None:
        return "", ""
    if isinstance(value, FormulaError):
        return "e", f"<v>{escape(value.text)}</v>"
    if isinstance(value, bool):
        return "b", f"<v>{int(value)}</v>"
    if isinstance(value, str):
        return "inlineStr", f'<is><t xml:space="preserve">{_text(value[:MOST_CHARACTERS])}</t></is>'
    return "", f"<v>{value!r}</v>"


def _text(text: str) -> str:
    """XML has no control characters, and Excel a way to write them; half a surrogate pair is no character at all."""
    plain = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    coded = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda match: f"_x{ord(match.group()):04X}_", plain)
    return escape(re.sub(r"[\ud800-\udfff]", "\ufffd", coded))
