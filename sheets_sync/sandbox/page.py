"""A plain page that shows a spreadsheet as people would see it; nothing on it can be changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape

from aiohttp import web

from sheets_sync.sandbox.api.backend import Backend
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.document.a1 import column_letters
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet

MOST_ROWS = 500
MOST_COLUMNS = 60
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """
body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#202124;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}nav a{margin-right:1rem}
.sheet{overflow:auto;max-width:100%}table{border-collapse:collapse;font-size:13px}
td,th{border:1px solid #dadce0;padding:.2rem .5rem;white-space:pre;vertical-align:bottom}
th{background:#f1f3f4;font-weight:400;color:#5f6368}.number{text-align:right;font-variant-numeric:tabular-nums}
.error{color:#b3261e}.small{color:#5f6368;font-size:12px}
td[title]{background-image:linear-gradient(225deg,#f9ab00 5px,transparent 5px)}
"""


def add_routes(app: web.Application, backend: Backend) -> None:
    """Serve the list at / and each spreadsheet where its printed address points."""
    app.router.add_get("/", _handler(backend, _list))
    app.router.add_get("/spreadsheets/d/{id}", _handler(backend, _spreadsheet))
    app.router.add_get("/spreadsheets/d/{id}/edit", _handler(backend, _spreadsheet))


def _handler(
    backend: Backend, render: Callable[[Backend, web.Request], str]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            with backend.files.lock:
                text, status = render(backend, request), 200
        except ApiError as refusal:
            text, status = _page("Not found", f"<p>{escape(refusal.message)}</p>"), refusal.code
        return web.Response(text=text, content_type="text/html", status=status, headers=HEADERS)

    return handle


def _page(title: str, body: str) -> str:
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{escape(title)}</title>"
    return f"<!doctype html><html lang=en><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>"


def _list(backend: Backend, _request: web.Request) -> str:
    links = [
        f"<li><a href='/spreadsheets/d/{escape(file.file_id)}/edit'>{escape(file.spreadsheet.properties['title'])}</a>"
        for file in backend.files.all()
    ]
    return _page("Local Sheets", f"<h1>Local Sheets</h1><ul>{''.join(links)}</ul>")


def _spreadsheet(backend: Backend, request: web.Request) -> str:
    state = backend.files.file(request.match_info["id"]).spreadsheet
    title = state.properties["title"]
    reader = Reader(state, backend.files.clock())
    tabs = "".join(f"<a href='#gid={sheet.sheet_id}'>{escape(sheet.title)}</a>" for sheet in state.sheets)
    sheets = "".join(_sheet(state, reader, sheet) for sheet in state.sheets)
    return _page(title, f"<p class=small><a href='/'>All</a></p><h1>{escape(title)}</h1><nav>{tabs}</nav>{sheets}")


def _sheet(state: Spreadsheet, reader: Reader, sheet: Sheet) -> str:
    spilled = reader.calculation.spilled_places(sheet)
    places = set(sheet.cells) | spilled
    rows = min(MOST_ROWS, max((row for row, _ in places), default=0) + 1)
    columns = min(MOST_COLUMNS, max((column for _, column in places), default=0) + 1)
    letters = "".join(f"<th>{column_letters(column)}</th>" for column in range(columns))
    merges = [state.area(merge) for merge in sheet.objects["merges"]]
    lines = ("".join(_cell(reader, sheet, (row, column), merges) for column in range(columns)) for row in range(rows))
    body = "".join(f"<tr><th>{number}</th>{line}</tr>" for number, line in enumerate(lines, 1))
    facts = _facts(sheet)
    more = f"<p class=small>{escape(facts)}</p>" if facts else ""
    heading = f"<h2 id='gid={sheet.sheet_id}'>{escape(sheet.title)}</h2>"
    return f"{heading}{more}<div class=sheet><table><tr><th></th>{letters}</tr>{body}</table></div>"


def _facts(sheet: Sheet) -> str:
    """What lies on the tab beside cells."""
    words = {"charts": "charts", "tables": "tables", "protectedRanges": "protected ranges"}
    facts = [f"{len(sheet.objects[kind])} {word}" for kind, word in words.items() if sheet.objects[kind]]
    facts += ["hidden"] if sheet.properties.get("hidden") else []
    return " · ".join(facts)


def _cell(reader: Reader, sheet: Sheet, place: Place, merges: list[Area]) -> str:
    spans = ""
    for merge in merges:
        if merge.holds(*place):
            # Spanned by the merge's first cell, and without one of its own in HTML.
            if place != (merge.top, merge.left):
                return ""
            spans = f" rowspan={merge.bottom - merge.top} colspan={merge.right - merge.left}"
    cell = sheet.cells.get(place, {})
    text, value = reader.text(sheet, place), reader.value(sheet, place)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    kind = " class=number" if numeric else " class=error" if hasattr(value, "kind") else ""
    note = f" title='{escape(cell['note'], quote=True)}'" if cell.get("note") else ""
    style = _style(cell.get("userEnteredFormat", {}))
    return f"<td{spans}{kind}{note}{style}>{escape(text)}</td>"


def _style(cell_format: Json) -> str:
    text = cell_format.get("textFormat", {})
    rules = ["font-weight:600"] if text.get("bold") else []
    rules += ["font-style:italic"] if text.get("italic") else []
    rules += ["text-decoration:line-through"] if text.get("strikethrough") else []
    for name, source in (("color", text.get("foregroundColor")), ("background", cell_format.get("backgroundColor"))):
        style = text.get("foregroundColorStyle") if name == "color" else cell_format.get("backgroundColorStyle")
        color = source if source is not None else (style or {}).get("rgbColor")
        rules += [f"{name}:{_rgb(color)}"] if color is not None else []
    align = cell_format.get("horizontalAlignment")
    rules += [f"text-align:{align.lower()}"] if align in ("LEFT", "CENTER", "RIGHT") else []
    return f" style='{';'.join(rules)}'" if rules else ""


def _rgb(color: Json) -> str:
    parts = [round(255 * min(1, max(0, float(color.get(name, 0))))) for name in ("red", "green", "blue")]
    return f"rgb({parts[0]},{parts[1]},{parts[2]})"
