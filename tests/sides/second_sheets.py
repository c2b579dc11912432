"""The second small Google Sheets as a server on loopback, for production's own client.

    with second_sheets() as second:
        client = open_client(second.environment)
        key = second.create("Marketing")

It knows what production sends and little more; whatever else comes is a 501 and stands in `second.unknown`.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from second_grid import KINDS, Book, Json, Refused, Tab, area_of, mask_of, not_here, picked
from second_requests import applied, metadata_shown, properties_of

CELL_FIELDS = {
    "userEnteredValue",
    "userEnteredFormat",
    "note",
    "dataValidation",
    "textFormatRuns",
    "formattedValue",
    "chipRuns",
}
SHEET_FIELDS = {"properties", "developerMetadata", "data", "basicFilter", *KINDS}
WRITES = {"batchUpdate"}
LENGTH = 40


@dataclass
class SecondSheets:
    """`troubles` befall the next calls that write: "lost" (applied, the answer a 503) or "refused" (a 503 before)."""

    url: str
    key_file: Path
    books: dict[str, Book] = field(default_factory=dict)
    versions: dict[str, list[Book]] = field(default_factory=dict)
    troubles: deque[str] = field(default_factory=deque)
    calls: list[tuple[str, str, int]] = field(default_factory=list)
    """Verb, path and bytes of each call's body."""
    unknown: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What points production at it."""
        return {"KPI_SHEETS_API_URL": self.url, "GOOGLE_APPLICATION_CREDENTIALS": str(self.key_file)}

    def create(self, title: str, locale: str = "en_US") -> str:
        key = f"second-{len(self.books) + 1}"
        book = Book(key, {"title": title, "locale": locale, "timeZone": "Etc/GMT"}, [])
        book.add_tab({"sheetId": 0, "title": "Sheet1"})
        self.books[key], self.versions[key] = book, []
        return key

    def act(self, key: str, requests: Sequence[Json]) -> list[Json]:
        """Anybody's change, whole or not at all: the caller's of the API, or a person's. Refused where it cannot be."""
        book, replies = applied(self.books[key], requests)
        self.versions[key] = [*self.versions[key], self.books[key]][-LENGTH:]
        self.books[key] = book
        return replies

    def restore(self, key: str, back: int) -> None:
        """The version from before the last `back` changes."""
        version = self.versions[key][-back]
        self.versions[key] = [*self.versions[key], self.books[key]][-LENGTH:]
        self.books[key] = version

    def answered(self, verb: str, path: str, query: dict[str, list[str]], body: Json) -> Json:
        """The answer to one call below /v4/spreadsheets/."""
        key, sign, call = re.fullmatch(r"([^/:]+)([:/]?)(.*)", path).groups()  # type: ignore[union-attr]
        if key not in self.books:
            raise Refused("Requested entity was not found.", 404)
        mask = mask_of(query["fields"][0]) if "fields" in query else {}
        if (verb, call) == ("GET", ""):
            if query.get("includeGridData", ["false"]) != ["false"] or "ranges" in query:
                raise not_here("A read of ranges")
            return self.document(key, mask, [])
        if (verb, sign, call) == ("POST", ":", "getByDataFilter"):
            return self.document(key, mask, body.get("dataFilters", []))
        if (verb, sign, call) == ("POST", ":", "batchUpdate"):
            return self._written(key, mask, body)
        if (verb, sign, call) == ("POST", "/", "values:batchUpdateByDataFilter"):
            return self._valued(key, mask, body)
        raise not_here(f"The call {verb} {sign}{call}")

    def _written(self, key: str, mask: Json, body: Json) -> Json:
        known = {"requests", "includeSpreadsheetInResponse", "responseIncludeGridData", "responseRanges"}
        if body.keys() - known:
            raise not_here(f"The option {', '.join(sorted(body.keys() - known))}")
        self._trouble_before()
        replies = self.act(key, body["requests"])
        self._trouble_after()
        answer: Json = {"spreadsheetId": key, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            ranges = [{"gridRange": area_of(self.books[key], name)} for name in body.get("responseRanges", [])]
            answer["updatedSpreadsheet"] = self.document(key, mask.get("updatedSpreadsheet", {}), ranges)
        return picked(answer, mask)  # type: ignore[no-any-return]

    def _trouble_before(self) -> None:
        if self.troubles and self.troubles[0] == "refused":
            self.troubles.popleft()
            raise Refused("The service is currently unavailable.", 503)

    def _trouble_after(self) -> None:
        if self.troubles and self.troubles[0] == "lost":
            self.troubles.popleft()
            raise Refused("The service is currently unavailable.", 503)

    def _valued(self, key: str, mask: Json, body: Json) -> Json:
        """Plain values by grid; as one request of cells for each value."""
        if body.keys() != {"valueInputOption", "includeValuesInResponse", "responseValueRenderOption", "data"}:
            raise not_here(f"The options {', '.join(sorted(body))}")
        if (body["valueInputOption"], body["responseValueRenderOption"]) != ("RAW", "FORMULA"):
            raise not_here("Another form of values than RAW and FORMULA")
        self._trouble_before()
        self.act(key, [request for one in body["data"] for request in _value_requests(one)])
        self._trouble_after()
        answers = []
        for one in body["data"]:
            tab, top, left, bottom, right = self.books[key].box(_grid(one["dataFilter"]))
            rows = [[_plain(tab.at(row, column)) for column in range(left, right)] for row in range(top, bottom)]
            answers.append({"dataFilter": one["dataFilter"], "updatedData": {"majorDimension": "ROWS", "values": rows}})
        return picked({"responses": answers}, mask)  # type: ignore[no-any-return]

    def document(self, key: str, mask: Json, filters: Sequence[Json]) -> Json:
        """The Spreadsheet as far as the mask wants it; filters name whole rectangles."""
        book = self.books[key]
        wanted = mask.get("sheets", {}) if mask else SHEET_FIELDS
        unknown = (set(wanted) or SHEET_FIELDS) - SHEET_FIELDS
        if unknown:
            raise not_here(f"The part {', '.join(sorted(unknown))} of a sheet")
        boxes = [book.box(_grid(one)) for one in filters]
        tabs = [tab for tab in book.tabs if not boxes or any(box[0] is tab for box in boxes)]
        sheets = []
        for tab in tabs:
            sheet = _sheet(book, tab)
            if "data" in wanted and mask:
                parts = [box for box in boxes if box[0] is tab] or [book.box({"sheetId": tab.number})]
                sheet["data"] = [_cells(book, part, mask["sheets"]["data"]) for part in parts]
            sheets.append(sheet)
        own = [
            metadata_shown(book, one)
            for one in book.metadata
            if isinstance(one["location"], dict) and "spreadsheet" in one["location"]
        ]
        whole = {
            "spreadsheetId": key,
            "spreadsheetUrl": f"{self.url}/{key}",
            "properties": book.properties,
            "sheets": sheets,
            "namedRanges": book.shown(book.names),
            "developerMetadata": own,
        }
        return picked({name: part for name, part in whole.items() if part != []}, mask)  # type: ignore[no-any-return]


def _value_requests(one: Json) -> Iterator[Json]:
    """The values of a grid from its first cell on; null writes nothing, "" empties."""
    if one.keys() != {"dataFilter", "values"}:
        raise not_here(f"The parts {', '.join(sorted(one))} of a range of values")
    grid = _grid(one["dataFilter"])
    top, left = grid.get("startRowIndex", 0), grid.get("startColumnIndex", 0)
    for row, values in enumerate(one["values"], top):
        for column, value in enumerate(values, left):
            kinds = {bool: "boolValue", int: "numberValue", float: "numberValue", str: "stringValue"}
            if value is not None:
                cell = {"userEnteredValue": {kinds[type(value)]: value}} if value != "" else {}
                start = {"sheetId": grid.get("sheetId", 0), "rowIndex": row, "columnIndex": column}
                yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


def _plain(cell: Json) -> Any:
    return next(iter(cell.get("userEnteredValue", {}).values()), "")


def _grid(data_filter: Json) -> Json:
    if data_filter.keys() != {"gridRange"}:
        raise not_here(f"A filter by {', '.join(data_filter)}")
    return dict(data_filter["gridRange"])


def _sheet(book: Book, tab: Tab) -> Json:
    own = [metadata_shown(book, one) for one in book.metadata if getattr(one["location"], "tab", None) == tab.number]
    sheet = {"properties": properties_of(book, tab), "developerMetadata": own, **book.shown(tab.objects)}
    filtered = {"basicFilter": book.shown(tab.basic_filter)} if tab.basic_filter else {}
    return {name: part for name, part in sheet.items() if part} | filtered


def _cells(book: Book, box: tuple[Tab, int, int, int, int], mask: Json) -> Json:
    tab, top, left, bottom, right = box
    wanted = mask.get("rowData", {}).get("values", {})
    if set(wanted) - CELL_FIELDS or mask.keys() - {
        "startRow",
        "startColumn",
        "rowData",
        "rowMetadata",
        "columnMetadata",
    }:
        raise not_here(f"The parts {sorted({*mask, *wanted})} of cells")
    rows = [[_cell(tab.at(row, column)) for column in range(left, right)] for row in range(top, bottom)]
    data: Json = {"rowData": [{"values": values} if values else {} for values in map(_trimmed, rows)]}
    while data["rowData"] and not data["rowData"][-1]:
        data["rowData"].pop()
    data |= ({"startRow": top} if top else {}) | ({"startColumn": left} if left else {})
    for name, dimension, start, end in (
        ("rowMetadata", "ROWS", top, bottom),
        ("columnMetadata", "COLUMNS", left, right),
    ):
        if name in mask:
            data[name] = [_line(book, tab, line) for line in tab.lines(dimension)[start:end]]
    return data


def _line(book: Book, tab: Tab, line: int) -> Json:
    here = [
        metadata_shown(book, one)
        for one in book.metadata
        if line in _lines_of(one["location"]) and one["location"]["dimensionRange"].tab == tab.number
    ]
    return {**tab.sizes.get(line, {}), **({"developerMetadata": here} if here else {})}


def _lines_of(location: Any) -> set[int]:
    span = location.get("dimensionRange") if isinstance(location, dict) else None
    return {span.first_row, span.first_column} - {None} if span else set()


def _cell(cell: Json) -> Json:
    value = cell.get("userEnteredValue", {})
    # Nothing is worked out here: what is entered is shown, but for a formula.
    shown = {"formattedValue": str(next(iter(value.values())))} if value and "formulaValue" not in value else {}
    return {**cell, **shown}


def _trimmed(values: list[Json]) -> list[Json]:
    while values and not values[-1]:
        values.pop()
    return values


@cache
def _private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    form = serialization.PrivateFormat.PKCS8
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _write_key(path: Path, url: str) -> None:
    account = {
        "type": "service_account",
        "client_email": "bot@second.example",
        "private_key": _private_key(),
        "private_key_id": "second",
        "token_uri": f"{url}/token",
    }
    path.write_text(json.dumps(account))


@contextmanager
def second_sheets() -> Iterator[SecondSheets]:
    """The server for as long as the block runs."""
    with TemporaryDirectory(prefix="second-sheets-") as folder:
        server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        second = SecondSheets(url, Path(folder) / "key.json")
        _write_key(second.key_file, url)
        server.RequestHandlerClass = _handler(second)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield second
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(second: SecondSheets) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            address = urlsplit(self.path)
            if address.path == "/token":
                self._send(200, {"access_token": "second", "expires_in": 3600, "token_type": "Bearer"})
                return
            second.calls.append((self.command, address.path, len(raw)))
            try:
                path = unquote(address.path.removeprefix("/v4/spreadsheets/"))
                query = parse_qs(address.query)
                self._send(200, second.answered(self.command, path, query, json.loads(raw or b"{}")))
            except Refused as refusal:
                if refusal.code == 501:
                    second.unknown.append(str(refusal))
                error = {"code": refusal.code, "message": str(refusal), "status": "INVALID_ARGUMENT"}
                self._send(refusal.code, {"error": error})
            except Exception as error:
                # A mistake in here: production must not take it for a trouble that passes.
                second.unknown.append(repr(error))
                self._send(400, {"error": {"code": 400, "message": repr(error), "status": "INTERNAL"}})
                raise

        def _send(self, code: int, answer: Json) -> None:
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
