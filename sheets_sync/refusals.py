"""What Google's refusals mean, and what to do about each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kpi_core.errors import KpiBotError, Problem, ServiceError, SettingsError

_REQUEST = re.compile(r"Invalid requests\[(\d+)\]")
_LINK = re.compile(r"https://\S+")

Json = Mapping[str, Any]


class SheetAccessError(SettingsError):
    """The Sheet cannot be reached as things are set up: somebody has to share, enable or correct something."""

    def __init__(self, message: str, *, code: str, hint: str, params: Mapping[str, str] | None = None) -> None:
        """As KpiBotError; it is the one problem of its own."""
        KpiBotError.__init__(self, message, code=code, hint=hint, params=params)
        self.problems = (Problem("kpi.yaml", 0, 0, message, hint),)


class PlanRefused(Exception):  # noqa: N818 - not an error yet: the plan is made again on what is there now
    """Google refused a batch because the spreadsheet is not as it was read; nothing of it was applied.

    `request` is the index of the refused request, None where Google names none; `exists` says that an id of ours is
    there already, which is what a batch looks like whose answer was lost.
    """

    def __init__(self, message: str, request: int | None, *, exists: bool) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.exists = exists
        self.closed = "protected cell or object" in message
        """Whether a protection shuts the bot's account out."""
        self.batch = 0
        """Which batch of its plan it was."""


def refusal(
    status: int, body: Json, email: str, spreadsheet: str, *, values: bool = False
) -> KpiBotError | PlanRefused:
    """The error for an answer of Google's API; `email` is the account that asked.

    `values` for a write of plain values: of those only a tab that is gone or smaller than read can be refused.
    """
    error = body.get("error", {}) if isinstance(body, Mapping) else {}
    message, state = str(error.get("message", "")), str(error.get("status", ""))
    if status == 403:
        return _forbidden(error, message, email, spreadsheet)
    match = _REQUEST.search(message)
    # The second says that a tab whose cells the answer was to show was renamed since it was read.
    if status == 400 and (match or (values and state != "FAILED_PRECONDITION") or "Unable to parse range" in message):
        return PlanRefused(message, int(match[1]) if match else None, exists="already exists" in message)
    if status == 400 and state == "FAILED_PRECONDITION":
        return SheetAccessError(
            "This file is an Excel file, not a Google Sheet.",
            code="sheet_is_a_file",
            hint="Open it, choose File > Save as Google Sheets, and put the new address into kpi.yaml.",
        )
    if status == 404:
        return SheetAccessError(
            f"There is no spreadsheet {spreadsheet!r}, or it was deleted.",
            code="sheet_not_found",
            hint="Copy the address of the Google Sheet into kpi.yaml under sheets.",
            params={"spreadsheet": spreadsheet},
        )
    if status == 401:
        return credentials_refused()
    return failed(status)


def failed(status: int) -> ServiceError:
    """The error for an answer that may be better a minute later."""
    if status == 429:
        return ServiceError(
            "Google's quota of requests is used up for this minute.",
            code="sheets_quota",
            hint="Wait a minute and sync again; several bots on one service account share its 60 requests a minute.",
            retry_after=60,
        )
    return ServiceError(
        f"Google Sheets does not work at the moment (answer {status}).",
        code="sheets_unavailable",
        hint="Sync again in a few minutes; nothing was written twice.",
    )


def unreachable(address: str, reason: str) -> ServiceError:
    return ServiceError(
        f"Google Sheets cannot be reached at {address}: {reason}",
        code="sheets_unreachable",
        hint="Check the network, a proxy, and KPI_SHEETS_API_URL if it is set.",
    )


def credentials_refused() -> SheetAccessError:
    return SheetAccessError(
        "Google does not accept the credentials; they may be revoked.",
        code="sheets_credentials",
        hint="Make a new key for the service account and point GOOGLE_APPLICATION_CREDENTIALS at its file.",
    )


def no_credentials(reason: str) -> SheetAccessError:
    return SheetAccessError(
        f"There are no Google credentials: {reason}",
        code="sheets_no_credentials",
        hint="Point GOOGLE_APPLICATION_CREDENTIALS at the key file of a service account.",
    )


def _forbidden(error: Json, message: str, email: str, spreadsheet: str) -> SheetAccessError:
    reasons = {str(detail.get("reason", "")) for detail in error.get("details", [])}
    if "SERVICE_DISABLED" in reasons:
        link = _LINK.search(message)
        return SheetAccessError(
            "The Google Sheets API is not switched on for the project of these credentials.",
            code="sheets_api_disabled",
            hint=f"Switch it on at {link[0].rstrip('.')}" if link else "Switch it on in the Google Cloud console.",
        )
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons:
        return SheetAccessError(
            "The credentials may not use Google Sheets.",
            code="sheets_scope",
            hint="Grant them the scope https://www.googleapis.com/auth/spreadsheets.",
        )
    who = email or "the account of the bot"
    return SheetAccessError(
        f"The spreadsheet is not shared with {who}.",
        code="sheet_not_shared",
        hint=f"Open it, press Share, and add {who} as Editor.",
        params={"email": who, "spreadsheet": spreadsheet},
    )
