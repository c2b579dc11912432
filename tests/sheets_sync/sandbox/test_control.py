"""The control API does what the methods do."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from sheets_sync.sandbox import LocalSheets

Json = dict[str, Any]


def control(sheets: LocalSheets, method: str, path: str, body: Json | None = None) -> Json:
    request = urllib.request.Request(f"{sheets.url}/sandbox/{path}", method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.loads(answer.read()))


def test_the_control_api_does_what_the_methods_do(sheets: LocalSheets, client: gspread.Client) -> None:
    """Over HTTP one can create, share, interfere, break things, and look at state and calls."""
    key = control(sheets, "POST", "create", {"title": "By hand", "locale": "de_DE"})["spreadsheet"]
    control(sheets, "POST", "person/edit", {"spreadsheet": key, "cell": "A1", "text": "1,5"})
    assert client.open_by_key(key).sheet1.acell("A1").value == "1,5"
    control(sheets, "POST", "faults", {"quota": 1})
    with pytest.raises(APIError):
        client.open_by_key(key)
    control(sheets, "POST", "unshare", {"spreadsheet": key})
    with pytest.raises(PermissionError):
        client.open_by_key(key)
    control(sheets, "POST", "share", {"spreadsheet": key})
    state = {one["spreadsheetId"]: one for one in control(sheets, "GET", "state")["spreadsheets"]}[key]
    assert state["sheets"][0]["data"][0]["rowData"][0]["values"][0]["effectiveValue"] == {"numberValue": 1.5}
    assert control(sheets, "GET", "requests")["requests"][0]["status"] == 200
    control(sheets, "DELETE", "requests")
    assert sheets.requests == []


@pytest.mark.parametrize(
    ("path", "body"), [("person/fly", {}), ("person/edit", {"wings": 2}), ("faults", {"unknown": 1}), ("create", None)]
)
def test_the_control_api_refuses_what_it_does_not_know(sheets: LocalSheets, path: str, body: Json | None) -> None:
    """Unknown actions, arguments and bodies that are no JSON are 400."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(sheets, "POST", path, body)
    assert caught.value.code == 400
    caught.value.close()
