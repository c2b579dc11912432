"""The calls of the Drive API v3 that Sheets clients make: files, permissions, export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sheets_sync.sandbox.api import drive_comments
from sheets_sync.sandbox.api.api_call import Call, refuse_create
from sheets_sync.sandbox.api.drive_opened import opened
from sheets_sync.sandbox.api_errors import ApiError, invalid, not_local
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.value_ranges import raw_cell, read_values, typed_cell
from sheets_sync.sandbox.contents.xlsx_export import workbook
from sheets_sync.sandbox.document.spreadsheet import Json
from sheets_sync.sandbox.drive_files import File

SHEET_TYPE = "application/vnd.google-apps.spreadsheet"
USUAL_FIELDS = ("kind", "id", "name", "mimeType")
DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OTHER_TYPES = ("application/pdf", "application/zip", "application/vnd.oasis.opendocument.spreadsheet")
"""What Google exports, too."""
Action = Callable[[Call], Any]


def action(method: str, rest: str) -> tuple[Action, dict[str, str]]:
    """The call behind a path below /drive/v3/files. Raises a 501 for one that is not here."""
    parts = [unquote(part) for part in rest.strip("/").split("/") if part]
    # In a path a name and an id take turns: files/{id}/permissions/{id}.
    shape = tuple(part if place % 2 else "*" for place, part in enumerate(parts))
    handler = CALLS.get((method, shape))
    if handler is None:
        raise not_local(f"{method} /drive/v3/files/{rest.strip('/')}")
    names = ("file", "family", "item", "family_below", "below")
    return handler, dict(zip(names, parts, strict=False))


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def file_json(file: File, email: str) -> Json:
    """The whole File resource as far as it goes here."""
    owners = [one["emailAddress"] for one in file.permissions if one["role"] == "owner"]
    return {
        "kind": "drive#file",
        "id": file.file_id,
        "name": file.spreadsheet.properties["title"],
        "mimeType": SHEET_TYPE,
        "createdTime": _stamp(file.created),
        "modifiedTime": _stamp(file.modified),
        "webViewLink": file.spreadsheet.url,
        "trashed": False,
        "owners": [{"kind": "drive#user", "emailAddress": owner, "me": owner == email} for owner in owners],
        "permissions": file.permissions,
        "capabilities": {"canEdit": file.role(email) in ("owner", "writer")},
    }


def _shown(call: Call, file: File) -> Json:
    whole = file_json(file, call.email)
    # Drive answers four fields unless the caller names others.
    return whole if call.option("fields") else {name: whole[name] for name in USUAL_FIELDS}


def create(call: Call) -> Json:
    refuse_create(call)
    if call.body.get("mimeType", SHEET_TYPE) != SHEET_TYPE:
        raise not_local(f"A file of the type {call.body['mimeType']}")
    return _shown(call, call.files.create({"title": call.body.get("name", "Untitled")}, call.email))


def list_files(call: Call) -> Json:
    """All files on one page; `q` may compare name, mimeType and trashed, and ask for one's own."""
    tests = _search(call.option("q"), call.email)
    files = [file_json(file, call.email) for file in call.files.shared_with(call.email)]
    matches = [file for file in files if all(test(file) for test in tests)]
    if not call.option("fields"):
        matches = [{name: file[name] for name in USUAL_FIELDS} for file in matches]
    return {"kind": "drive#fileList", "incompleteSearch": False, "files": matches}


_TERM = re.compile(
    r"\s*\(?\s*(?P<name>name|mimeType)\s*(?P<operator>=|!=|contains)\s*"
    r"(?:'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>[^\"]*)\")\s*\)?\s*(?:and\s+|$)"
    r"|\s*trashed\s*=\s*(?P<trashed>true|false)\s*(?:and\s+|$)"
    r"|\s*'me'\s+in\s+(?P<role>owners|writers|readers)\s*(?:and\s+|$)"
)


def _search(query: str, email: str) -> list[Callable[[Json], bool]]:
    """The conditions of `q` that are joined by `and`. Raises a 501 for one that is not known here."""
    tests: list[Callable[[Json], bool]] = []
    end = 0
    while end < len(query):
        match = _TERM.match(query, end)
        if match is None:
            raise not_local(f"The search for files by {query[end:]!r}")
        end = match.end()
        tests.append(_condition(match, email))
    return tests


def _condition(match: re.Match[str], email: str) -> Callable[[Json], bool]:
    if match["name"]:
        value = re.sub(r"\\(.)", r"\1", match["single"] or match["double"] or "")
        return _test(match["name"], match["operator"], value)
    if match["trashed"]:
        return lambda _file: match["trashed"] == "false"
    roles = {
        "owners": ("owner",),
        "writers": ("owner", "writer"),
        "readers": ("owner", "writer", "commenter", "reader"),
    }
    return lambda file: any(
        one.get("emailAddress") == email and one["role"] in roles[match["role"]] for one in file["permissions"]
    )


def _test(name: str, operator: str, value: str) -> Callable[[Json], bool]:
    if operator == "contains":
        return lambda file: value.casefold() in file[name].casefold()
    return lambda file: (file[name] == value) == (operator == "=")


def get(call: Call) -> Json:
    return _shown(call, opened(call))


def update(call: Call) -> Json:
    file = opened(call, write=True)
    beyond = [*(call.body.keys() - {"name"}), *(call.query.keys() & {"addParents", "removeParents"})]
    if beyond:
        raise not_local(f"A change of a file's {', '.join(sorted(beyond))}")
    draft = file.spreadsheet.copy()
    draft.properties["title"] = call.body.get("name", draft.properties["title"])
    call.files.replace(file, draft)
    return _shown(call, file)


def delete(call: Call) -> None:
    file = opened(call, write=True)
    if file.role(call.email) != "owner":
        raise ApiError(403, "PERMISSION_DENIED", "The user does not have sufficient permissions for this file.")
    call.files.delete(file.file_id)


def copy(call: Call) -> Json:
    refuse_create(call)
    file = opened(call)
    title = call.body.get("name") or f"Copy of {file.spreadsheet.properties['title']}"
    return _shown(call, call.files.copy(file, title, call.email))


def export(call: Call) -> web.Response:
    """The whole file as a workbook, or the first tab as people see it, as CSV or tab-separated text."""
    kind = call.option("mimeType")
    delimiter = DELIMITERS.get(kind)
    file = opened(call)
    if kind == WORKBOOK_TYPE:
        return web.Response(body=workbook(file.spreadsheet, call.files.clock()), content_type=kind)
    if kind in OTHER_TYPES:
        raise not_local(f"An export as {kind}")
    if delimiter is None:
        raise invalid("The requested conversion is not supported.")
    reader = Reader(file.spreadsheet, call.files.clock())
    rows = read_values(reader, file.spreadsheet.sheets[0].area(), {}).get("values", [])
    width = max(map(len, rows), default=0)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([*row, *[""] * (width - len(row))] for row in rows)
    # Google pads short rows, and ends without a line break.
    return web.Response(body=text.getvalue().removesuffix("\r\n").encode(), content_type=call.option("mimeType"))


def import_csv(call: Call) -> Json:
    """Replaces the first tab's values; all other tabs go, as with Drive's conversion."""
    file = opened(call, write=True)
    draft = file.spreadsheet.copy()
    del draft.sheets[1:]
    sheet = draft.sheets[0]
    sheet.cells.clear()
    for row, line in enumerate(csv.reader(io.StringIO(call.body.get("media", "")))):
        for column, value in enumerate(line):
            # A formula in an imported file comes in as text.
            sheet.put((row, column), (raw_cell if value.startswith("=") else typed_cell)({}, value, draft.locale))
    rows, columns = sheet.edge()
    sheet.resize(rows=max(0, rows - sheet.row_count), columns=max(0, columns - sheet.column_count))
    call.files.replace(file, draft)
    return {"kind": "drive#file", "id": file.file_id, "title": draft.properties["title"], "mimeType": SHEET_TYPE}


def list_permissions(call: Call) -> Json:
    return {"kind": "drive#permissionList", "permissions": opened(call).permissions}


def create_permission(call: Call) -> Json:
    file = opened(call, write=True)
    kind, email = call.body.get("type", ""), call.body.get("emailAddress", "")
    if kind not in ("user", "group", "domain", "anyone") or not call.body.get("role"):
        raise invalid("The permission type and role fields are required.")
    return call.files.share(file.file_id, email, call.body["role"], kind)


def _permission(call: Call, file: File) -> Json:
    for permission in file.permissions:
        if permission["id"] == call.path["item"]:
            return permission
    raise ApiError(404, "NOT_FOUND", f"Permission not found: {call.path['item']}.")


def get_permission(call: Call) -> Json:
    return _permission(call, opened(call))


def delete_permission(call: Call) -> None:
    file = opened(call, write=True)
    file.permissions.remove(_permission(call, file))


CALLS: dict[tuple[str, tuple[str, ...]], Action] = {
    ("POST", ()): create,
    ("GET", ()): list_files,
    ("GET", ("*",)): get,
    ("PATCH", ("*",)): update,
    ("DELETE", ("*",)): delete,
    ("PUT", ("*",)): import_csv,
    ("POST", ("*", "copy")): copy,
    ("GET", ("*", "export")): export,
    ("GET", ("*", "permissions")): list_permissions,
    ("POST", ("*", "permissions")): create_permission,
    ("GET", ("*", "permissions", "*")): get_permission,
    ("DELETE", ("*", "permissions", "*")): delete_permission,
    **drive_comments.CALLS,
}
