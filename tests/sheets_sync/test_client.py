"""What Google's refusals are turned into, and how long the client waits."""

from __future__ import annotations

import pytest

from kpi_core.errors import KpiBotError, ServiceError
from sheets_sync.client import Patience
from sheets_sync.refusals import PlanRefused, refusal

EMAIL = "bot@project.example"


def body(message: str, status: str = "", reason: str = "") -> dict[str, object]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return {"error": {"code": 0, "message": message, "status": status, "details": details}}


@pytest.mark.parametrize(
    ("status", "answer", "code", "told"),
    [
        (403, body("The caller does not have permission", "PERMISSION_DENIED"), "sheet_not_shared", EMAIL),
        (404, body("Requested entity was not found.", "NOT_FOUND"), "sheet_not_found", "kpi.yaml"),
        (
            403,
            body("Google Sheets API has not been used. Enable it by visiting https://console.example/x then retry.",
                 "PERMISSION_DENIED", "SERVICE_DISABLED"),
            "sheets_api_disabled",
            "https://console.example/x",
        ),
        (
            403,
            body("Insufficient authentication scopes.", "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            "sheets_scope",
            "auth/spreadsheets",
        ),
        (
            400,
            body("This operation is not supported for this document", "FAILED_PRECONDITION"),
            "sheet_is_a_file",
            "Save as Google Sheets",
        ),
        (401, body("Request had invalid authentication credentials."), "sheets_credentials", "new key"),
        (429, body("Quota exceeded for quota metric 'Read requests'"), "sheets_quota", "Wait a minute"),
        (500, {}, "sheets_unavailable", "500"),
        (503, body("The service is currently unavailable."), "sheets_unavailable", "in a few minutes"),
    ],
)  # fmt: skip
def test_every_refusal_says_what_to_do(status: int, answer: dict[str, object], code: str, told: str) -> None:
    """Each answer has a code, a sentence and a next step that names what matters."""
    error = refusal(status, answer, EMAIL, "abc")
    assert isinstance(error, KpiBotError)
    assert error.code == code
    assert told in f"{error.message} {error.hint}"
    raw = answer.get("error", {}).get("message", "")  # type: ignore[attr-defined]  # as made above
    assert not raw or raw not in f"{error.message} {error.hint}"
    assert error.exit_code == (3 if isinstance(error, ServiceError) else 1)


def test_a_refused_request_is_known_by_its_number() -> None:
    """The index tells which block the request was for, and whether it had been applied before."""
    refused = refusal(400, body("Invalid requests[12].addSheet: A sheet with id 5 already exists."), EMAIL, "abc")
    assert isinstance(refused, PlanRefused)
    assert (refused.request, refused.exists) == (12, True)


def test_a_used_up_quota_is_waited_out_until_the_next_minute() -> None:
    """At 12:00:40 the next try comes 20 to 25 seconds later."""
    patience = Patience(clock=lambda: 40.0, jitter=lambda: 0.5)
    assert patience.pause(0, 429) == pytest.approx(22.5)


def test_outages_are_tried_again_after_longer_and_longer_pauses() -> None:
    """Five tries fit into the 90 seconds that a sync may wait."""
    patience = Patience(clock=lambda: 0.0, jitter=lambda: 1.0)
    pauses = [patience.pause(attempt, 503) for attempt in range(5)]
    assert pauses == sorted(pauses)
    assert sum(pauses) < patience.seconds
