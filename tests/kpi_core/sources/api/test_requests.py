"""The pieces of asking a service, each by itself: signatures, places, outcomes, pages, hosts, secrets."""

from __future__ import annotations

import gc
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import DataError
from kpi_core.loading.load import StoppedClock
from kpi_core.settings.source_types import services
from kpi_core.sources import Outcome
from kpi_core.sources.api.forms import Call, Forms, Paging, filled, forms_of
from kpi_core.sources.api.http import Line, base_of
from kpi_core.sources.api.outcomes import ErrorRules, RefusedError, Reply, judged
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.signing import Signing, naver_headers
from kpi_core.sources.api.value_places import value_at, values_at

import long

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
INSTANT = datetime.fromtimestamp(1764212400.123, UTC)
META = forms_of("meta_ads").errors


@pytest.mark.parametrize(
    ("method", "path", "secret", "signature"),
    [
        ("GET", "/ncc/campaigns", "AQAA/secret+key==", "1nVmCzCc5Mmi/lNnqShWycddCMgK9ACYQc6njFKB/bo="),
        ("POST", "/stat-reports", "한국어 비밀", "NmO+1JuyXs6+66MeRZ61TQ23BM8VrttzbhF1QffqBC0="),
    ],
)
def test_signatures_of_naver(method: str, path: str, secret: str, signature: str) -> None:
    """Byte by byte as `openssl dgst -sha256 -hmac SECRET -binary | base64` has it of milliseconds, method and path."""
    headers = naver_headers(Signing(method, path, INSTANT), "licence", secret, "1001")
    assert headers == {
        "X-Timestamp": "1764212400123", "X-API-KEY": "licence", "X-Customer": "1001", "X-Signature": signature
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ("a.b", [1]),
        ("a.lacking", []),
        ("list[].n", [1, 2, 2]),
        ("list[1].n", [2]),
        ("list[9].n", []),
        ("list[kind=y].n", [2]),
        ("list[kind=z|y].n", [2]),
        ("a.*", [1, None]),
        ("list.n", []),
        ("a.b.c", []),
    ],
)
def test_places(place: str, values: list[Any]) -> None:
    """A place leads to all values that stand there, and to none where nothing does."""
    items = [{"kind": "x", "n": 1}, {"kind": "y", "n": 2}, {"kind": "y", "n": 2}]
    document = {"a": {"b": 1, "c": None}, "list": items}
    assert values_at(document, place) == values
    assert value_at(document, place) == (values or [None])[0]


def trouble_of(status: int, body: Any, rules: ErrorRules = META, **headers: str) -> tuple[Outcome, float | None, str]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(RefusedError) as caught:
        judged(Reply(status, headers, content), rules, NOW)
    return caught.value.trouble.outcome, caught.value.trouble.pause, caught.value.trouble.reason


def error(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "words", **more}}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, error(190), "reconnect"),
        (200, error(190), "reconnect"),
        (400, error(294), "reconnect"),
        (403, error(4), "retry_now"),
        (400, error(80004), "retry_now"),
        (400, error(2635), "our_fault"),
        (400, error(100, error_subcode=1504018), "retry_now"),
        (400, {}, "our_fault"),
        (401, b"<html>", "reconnect"),
        (426, {}, "our_fault"),
        (429, b"", "retry_now"),
        (503, b"<html>", "retry_now"),
        (200, b"<html>", "retry_now"),
        (200, b"", "retry_now"),
        (200, b"12", "retry_now"),
        (200, b"NaN", "retry_now"),
        (200, b"[" * 100_000, "retry_now"),
        (200, error(99), "retry_now"),
        (302, b"", "our_fault"),
    ],
)
def test_outcomes(status: int, body: Any, outcome: Outcome) -> None:
    """An answer is judged by its code first, then by its status."""
    # Where the stack is at its end, what earlier tests left behind could not be cleared away.
    gc.disable()
    try:
        assert trouble_of(status, body)[0] == outcome
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("kind", "body", "outcome"),
    [
        ("tiktok_ads", {"code": 40100}, "retry_now"),
        ("tiktok_ads", {"code": 40105}, "reconnect"),
        ("tiktok_ads", {"code": 50001}, "retry_now"),
        ("google_ads", [{"error": {"status": "RESOURCE_EXHAUSTED"}}], "retry_now"),
        ("google_ads", {"error": "invalid_grant"}, "reconnect"),
        ("ga4", {"error": {"status": "PERMISSION_DENIED"}}, "reconnect"),
        ("naver_search_ads", {"code": 1016, "title": "x"}, "retry_now"),
        ("naver_search_ads", {"code": 1018, "title": "x"}, "reconnect"),
    ],
)
def test_errors_with_status_200(kind: str, body: Any, outcome: Outcome) -> None:
    """Each vendor's codes are known whatever status they come with; a code for success is none."""
    assert trouble_of(200, body, forms_of(kind).errors)[0] == outcome
    fine = {"code": 0, "data": {}} if kind == "tiktok_ads" else {"data": []}
    assert judged(Reply(200, {}, json.dumps(fine).encode()), forms_of(kind).errors, NOW) == fine


@pytest.mark.parametrize(
    ("text", "pause"),
    [("30", 30), ("0", 0), ("-5", 0), ("Fri, 27 Nov 2026 03:01:00 GMT", 60), ("soon", None), ("", None)],
)
def test_pauses(text: str, pause: float | None) -> None:
    """Retry-After is seconds or a date; whatever else it is says nothing."""
    assert trouble_of(429, {}, **{"retry-after": text})[1] == pause


ROWS = {
    "data": [{"n": str(number), "name": '이름 \\ " é'} for number in range(9)],
    "paging": {"cursors": {"after": "x"}},
}


@long.examples("cut answers", 30, 3_000)
@given(st.data())
def test_a_cut_answer_is_never_a_part(data: st.DataObject) -> None:
    """Cut at any byte, an answer is none; whole, it is itself, whatever its spaces."""
    content = json.dumps(ROWS, ensure_ascii=data.draw(st.booleans())).encode()
    at = data.draw(st.integers(0, len(content) - 1))
    assert trouble_of(200, content[:at])[0] == "retry_now"
    assert judged(Reply(200, {}, content + b"\n "), META, NOW) == ROWS


class Scripted(Line):
    """A line whose answers are written down."""

    def __init__(self, *documents: Any) -> None:
        super().__init__("meta_ads", Forms("https://x.example"), "https://x.example", lambda _s: {}, StoppedClock(NOW))
        self.documents, self.moved = list(documents), list[Any]()

    def ask(self, call: Call, places: Any, moved: Any = None) -> Any:
        self.moved.append(dict(moved))
        return self.documents[min(len(self.moved), len(self.documents)) - 1]


CURSOR = Call("/x", rows="rows", paging=Paging("cursor", "after", "next"))
OFFSET = Call("/x", rows="rows", paging=Paging("offset", "offset", size=2, total="total"))
EMPTY_WITHIN = [{"rows": [1], "next": "a"}, {"rows": [], "next": "b"}, {"rows": [2]}]
PAGE = Call("/x", rows="rows", paging=Paging("page", "page", total="pages"))


@pytest.mark.parametrize(
    ("call", "documents", "rows", "moved"),
    [
        (CURSOR, EMPTY_WITHIN, [1, 2], [{}, {"after": "a"}, {"after": "b"}]),
        (OFFSET, [{"rows": [1, 2], "total": 3}, {"rows": [3], "total": 3}], [1, 2, 3], [{"offset": 0}, {"offset": 2}]),
        (OFFSET, [{"rows": [], "total": 0}], [], [{"offset": 0}]),
        (PAGE, [{"rows": [1], "pages": 2}, {"rows": [2], "pages": 2}], [1, 2], [{"page": 1}, {"page": 2}]),
        (Call("/x", rows="rows", may_lack=True), [{}], [], [{}]),
        (Call("/x"), [[1, 2]], [1, 2], [{}]),
        (Call("/x", rows="a[].rows"), [{"a": [{"rows": [1]}, {"rows": [2]}]}], [1, 2], [{}]),
    ],
)  # fmt: skip
def test_pages(call: Call, documents: list[Any], rows: list[Any], moved: list[Any]) -> None:
    """Each kind of paging asks for the rest until all of it is there."""
    line = Scripted(*documents)
    assert rows_of(line, call, {}) == rows
    assert line.moved == moved


@pytest.mark.parametrize(
    ("call", "documents", "outcome"),
    [
        (CURSOR, [{"rows": [1], "next": "a"}], "retry_now"),
        (OFFSET, [{"rows": [1, 2], "total": 3}, {"rows": [], "total": 3}], "retry_now"),
        (OFFSET, [{"rows": [1, 2, 3], "total": 2}], "retry_now"),
        (CURSOR, [{}], "our_fault"),
        (CURSOR, [{"rows": "text"}], "our_fault"),
        (PAGE, [{"rows": [1]}], "our_fault"),
        (Call("/x", rows="rows", paging=Paging(most=2)), [{"rows": [1, 2]}], "retry_now"),
    ],
)
def test_pages_that_are_not_whole(call: Call, documents: list[Any], outcome: Outcome) -> None:
    """A page that comes again, rows that lack or are too many, and answers without rows are no answer."""
    with pytest.raises(RefusedError) as caught:
        rows_of(Scripted(*documents), call, {})
    assert caught.value.trouble.outcome == outcome


@pytest.mark.parametrize(
    ("base", "is_allowed"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:1", True),
        ("https://sheets.example", True),
        ("http://example.com", False),
        ("ftp://127.0.0.1", False),
        ("https://user:secret@example.com", False),
        ("https://example.com/?a=b", False),
    ],
)
def test_where_calls_may_be_led(base: str, is_allowed: bool) -> None:
    """A stand-in is on this machine, or behind TLS; nothing in its address is repeated."""
    environment = {"KPI_META_ADS_API_URL": base}
    assert (
        base_of("meta_ads", forms_of("meta_ads").base, ("graph.facebook.com",), {}, {"KPI_META_ADS_API_URL": ""})
        != base
    )
    arguments = "meta_ads", forms_of("meta_ads").base, ("graph.facebook.com",), {}, environment
    if is_allowed:
        assert base_of(*arguments) == base
        return
    with pytest.raises(DataError) as caught:
        base_of(*arguments)
    assert "secret" not in f"{caught.value}"


@pytest.mark.parametrize("shop", ["evil.com/", "evil.com#", "a@evil.com", "evil.com?", "a b", "", "..", "evil.com:1\\"])
def test_only_the_vendors_hosts(shop: str) -> None:
    """An option that is a part of a host leads to no other host."""
    forms = Forms("https://{shop}.myshop.example")
    with pytest.raises(DataError):
        base_of("shop", forms.base, ("{shop}.myshop.example",), {"shop": shop}, {})
    assert (
        base_of("shop", forms.base, ("{shop}.myshop.example",), {"shop": "hanok-1"}, {})
        == "https://hanok-1.myshop.example"
    )


@pytest.mark.parametrize("name", sorted(services()))
def test_every_service_is_described(name: str) -> None:
    """Its requests can be read, its credentials are secret options, and its windows fit into each other."""
    kind = services()[name]
    connection, forms = kind.connection, forms_of(name)
    assert connection is not None
    assert all(kind.options[option].kind == "secret" for option in connection.credentials)
    assert {option for option, each in kind.options.items() if each.kind == "secret"} == set(connection.credentials)
    assert connection.first <= connection.recent <= connection.long <= connection.history
    assert connection.piece >= 8
    assert "rows" in forms.calls
    assert connection.wrong
    assert connection.ends is None or connection.ends > connection.checked


class Instant(Line):
    """A line whose every answer is there at once."""

    def _over_the_wire(self, method: str, url: str, headers: Any, body: Any) -> Reply:
        return Reply(200, {}, json.dumps([method, url, body]).encode())


@given(st.floats(0.1, 50), st.integers(2, 20))
def test_the_pace(rate: float, calls: int) -> None:
    """So many calls a second, and no more, however quick the answers are."""
    clock = StoppedClock(NOW)
    line = Instant("x", Forms("https://x.example", rate=rate), "https://x.example", lambda _signing: {}, clock)
    for _call in range(calls):
        line.ask(Call("/x"), {})
    assert (clock.instant - NOW).total_seconds() == pytest.approx((calls - 1) / rate, abs=1e-4)


def test_what_is_sent() -> None:
    """Places are filled, colons, commas and parentheses stay, and paging moves the query or the body."""
    line = Instant("x", Forms("https://x.example"), "https://x.example", lambda _signing: {}, StoppedClock(NOW))
    call = Call("/a/{account}", query={"q": "List(a:b,c)", "s": "{account}"}, body={"v": {"n": 1}})
    assert line.ask(call, {"account": "7 8"}, {"page": 2, "body:v.after": "c"}) == [
        "GET", "https://x.example/a/7 8?q=List(a:b,c)&s=7+8&page=2", {"v": {"n": 1, "after": "c"}}
    ]  # fmt: skip


def test_places_in_texts() -> None:
    """A place is filled wherever it stands, what looks like one and is none stays."""
    assert filled({"a": ["{x} and {y}", 1, None]}, {"x": "1", "y": "2"}) == {"a": ["1 and 2", 1, None]}
    assert filled('{"since":"{x}"}', {"x": "d"}) == '{"since":"d"}'
    assert filled("{lacking}", {}) == "{lacking}"
