"""Google's refusals, word for word where clients look at the words."""

from __future__ import annotations

from typing import Any

DRIVE_REASONS = {400: "badRequest", 401: "authError", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}


class ApiError(Exception):
    """An answer that is not 2xx: an HTTP code, Google's status word and a message."""

    def __init__(self, code: int, status: str, message: str, details: tuple[dict[str, Any], ...] = ()) -> None:
        """`details` are the JSON objects of `error.details`, absent when there are none."""
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON body of the Sheets API."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}

    def drive_body(self) -> dict[str, Any]:
        """The JSON body of the Drive API, which lists its `errors` and has no status."""
        reason = DRIVE_REASONS.get(self.code, "backendError")
        entry = {"domain": "global", "reason": reason, "message": self.message}
        return {"error": {"code": self.code, "message": self.message, "errors": [entry]}}


def invalid(message: str) -> ApiError:
    return ApiError(400, "INVALID_ARGUMENT", message)


def unknown_field(name: str, path: str) -> ApiError:
    """A JSON body that holds a field the API does not have."""
    place = f" at '{path}'" if path else ""
    text = f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
    violation = {"field": path, "description": text}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return ApiError(400, "INVALID_ARGUMENT", text, (detail,))


def unparsable_range(text: str) -> ApiError:
    return invalid(f"Unable to parse range: {text}")


def unauthenticated() -> ApiError:
    return ApiError(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


def permission_denied() -> ApiError:
    return ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")


def insufficient_scope() -> ApiError:
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    return ApiError(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", (detail,))


def not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "Requested entity was not found.")


def file_not_found(file_id: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"File not found: {file_id}.")


def quota_exceeded(kind: str) -> ApiError:
    """`kind` is "Read" or "Write"."""
    limit = f"{kind} requests per minute per user"
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {"quota_limit": f"{kind}RequestsPerMinutePerUser", "service": "sheets.googleapis.com"},
    }
    return ApiError(
        429,
        "RESOURCE_EXHAUSTED",
        f"Quota exceeded for quota metric '{kind} requests' and limit '{limit}' of service 'sheets.googleapis.com' "
        "for consumer 'project_number:100000000000'.",
        (detail,),
    )


def internal() -> ApiError:
    return ApiError(500, "INTERNAL", "Internal error encountered.")


def service_disabled() -> ApiError:
    address = "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=100000000000"
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com", "activationUrl": address},
    }
    return ApiError(
        403,
        "PERMISSION_DENIED",
        "Google Sheets API has not been used in project 100000000000 before or it is disabled. Enable it by visiting "
        f"{address} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to "
        "our systems and retry.",
        (detail,),
    )


def not_a_spreadsheet() -> ApiError:
    """The answer for an .xlsx file that lies in Drive."""
    return ApiError(400, "FAILED_PRECONDITION", "This operation is not supported for this document")


def not_local(what: str) -> ApiError:
    """What Google has, or may have, and the local Sheets does not: said, so that nobody takes silence for success."""
    return ApiError(501, "UNIMPLEMENTED", f"{what} is not in the local Sheets.")


def unavailable() -> ApiError:
    return ApiError(503, "UNAVAILABLE", "The service is currently unavailable.")
