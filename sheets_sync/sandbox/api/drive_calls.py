"""The calls of the Drive API v3 that Sheets clients make: files, permissions, comments, export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sheets_sync.sandbox.api.api_call import Call, refuse_create
from sheets_sync.sandbox.api_errors import ApiError, file_not_found, invalid, not_found
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.value_ranges import raw_cell, read_values, typed_cell
from sheets_sync.sandbox.document.spreadsheet import Json
from sheets_sync.sandbox.drive_files import File

SHEET_TYPE = "application/vnd.google-apps.spreadsheet"
USUAL_FIELDS = ("kind", "id", "name", "mimeType")
DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}
Action = Callable[[Call], Any]


def action(method: str, rest: str) -> tuple[Action, dict[str, str]]:
    """The call behind a path below /drive/v3/files. Raises a 404 for one that is not there."""
    parts = [unquote(part) for part in rest.strip("/").split("/") if part]
    # In a path a name and an id take turns: files/{id}/permissions/{id}.
    shape = tuple(part if place % 2 else "*" for place, part in enumerate(parts))
    handler = CALLS.get((method, shape))
    if handler is None:
        raise not_found()
    names = ("file", "family", "item")
    return handler, dict(zip(names, parts, strict=False))


def _opened(call: Call, *, write: bool = False) -> File:
    """The file; Drive says "not found" also for files that are not shared."""
    try:
        return call.files.opened(call.path["file"], call.email, write=write)
    except ApiError as refusal:
        hidden = refusal.code == 404 or call.files.file(call.path["file"]).role(call.email) is None
        raise (file_not_found(call.path["file"]) if hidden else refusal) from refusal


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
        raise invalid("Only spreadsheets are kept here.")
    return _shown(call, call.files.create({"title": call.body.get("name", "Untitled")}, call.email))


def list_files(call: Call) -> Json:
    """All files at once; `q` may compare name and mimeType."""
    tests = _search(call.option("q"))
    files = [file_json(file, call.email) for file in call.files.shared_with(call.email)]
    matches = [file for file in files if all(test(file) for test in tests)]
    if not call.option("fields"):
        matches = [{name: file[name] for name in USUAL_FIELDS} for file in matches]
    return {"kind": "drive#fileList", "incompleteSearch": False, "files": matches}


def _search(query: str) -> list[Callable[[Json], bool]]:
    tests: list[Callable[[Json], bool]] = []
    for name, operator, single, double in re.findall(
        r"(name|mimeType)\s*(=|!=|contains)\s*(?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\")", query
    ):
        value = re.sub(r"\\(.)", r"\1", single or double)
        tests.append(_test(name, operator, value))
    return tests


def _test(name: str, operator: str, value: str) -> Callable[[Json], bool]:
    if operator == "contains":
        return lambda file: value.casefold() in file[name].casefold()
    return lambda file: (file[name] == value) == (operator == "=")


def get(call: Call) -> Json:
    return _shown(call, _opened(call))


def update(call: Call) -> Json:
    file = _opened(call, write=True)
    draft = file.spreadsheet.copy()
    draft.properties["title"] = call.body.get("name", draft.properties["title"])
    call.files.replace(file, draft)
    return _shown(call, file)


def delete(call: Call) -> None:
    file = _opened(call, write=True)
    if file.role(call.email) != "owner":
        raise ApiError(403, "PERMISSION_DENIED", "The user does not have sufficient permissions for this file.")
    call.files.delete(file.file_id)


def copy(call: Call) -> Json:
    refuse_create(call)
    file = _opened(call)
    title = call.body.get("name") or f"Copy of {file.spreadsheet.properties['title']}"
    return _shown(call, call.files.copy(file, title, call.email))


def export(call: Call) -> web.Response:
    """The first tab as people see it, as CSV or tab-separated text."""
    delimiter = DELIMITERS.get(call.option("mimeType"))
    file = _opened(call)
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
    file = _opened(call, write=True)
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
    return {"kind": "drive#permissionList", "permissions": _opened(call).permissions}


def create_permission(call: Call) -> Json:
    file = _opened(call, write=True)
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
    return _permission(call, _opened(call))


def delete_permission(call: Call) -> None:
    file = _opened(call, write=True)
    file.permissions.remove(_permission(call, file))


def list_comments(call: Call) -> Json:
    return {"kind": "drive#commentList", "comments": _opened(call).comments}


def create_comment(call: Call) -> Json:
    file = _opened(call)
    comment = {
        "kind": "drive#comment",
        "id": f"AAAA{len(file.comments) + 1}",
        "content": call.body.get("content", ""),
        "createdTime": _stamp(call.files.clock()),
        "author": {"kind": "drive#user", "displayName": call.email, "me": True},
        "resolved": False,
        **({"anchor": call.body["anchor"]} if "anchor" in call.body else {}),
    }
    file.comments.append(comment)
    return comment


def delete_comment(call: Call) -> None:
    file = _opened(call)
    file.comments = [comment for comment in file.comments if comment["id"] != call.path["item"]]


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
    ("GET", ("*", "comments")): list_comments,
    ("POST", ("*", "comments")): create_comment,
    ("DELETE", ("*", "comments", "*")): delete_comment,
}
