"""The service account of the local Sheets: a real RSA key, its credential file, and the tokens it is given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.sandbox.api_errors import ApiError, unauthenticated

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CLIENT_EMAIL = "kpi-bot@local-sheets.iam.gserviceaccount.com"
SHEETS_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
DRIVE_SCOPES = frozenset(["https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/drive.file"])
LIFETIME = 3600
AUDIENCE = "https://oauth2.googleapis.com/token"
"""What google-auth signs for, whatever the credential file's token_uri."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Account:
    """Checks signed assertions against its own key and remembers which scopes a token was given for."""

    def __init__(self, client_email: str = CLIENT_EMAIL) -> None:
        """The key is made anew for each account."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.client_email = client_email
        self.key_id = secrets.token_hex(20)
        self._key: RSAPrivateKey = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._secret = secrets.token_bytes(32)

    def write_credentials(self, path: Path, token_uri: str) -> None:
        """A service-account file as Google's console gives it, readable by its owner alone."""
        from cryptography.hazmat.primitives import serialization

        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        content = {
            "type": "service_account",
            "project_id": "local-sheets",
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.client_email,
            "client_id": "100000000000000000000",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }
        # Closed to others from its first moment on, not only once it is written.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, indent=2)

    def grant(self, form: dict[str, str], token_uri: str, now: datetime) -> dict[str, Any]:
        """The token answer to a signed assertion. Raises OAuth's 400 `invalid_grant` with the reason."""
        if form.get("grant_type") != GRANT:
            raise TokenError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._verified(form.get("assertion", ""))
        if claims.get("iss") != self.client_email:
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in (token_uri, AUDIENCE):
            raise TokenError("invalid_grant", "Invalid JWT: Failed audience check.")
        # Five minutes, for no two clocks agree.
        if not claims.get("iat", 0) - 300 <= now.timestamp() <= claims.get("exp", 0):
            raise TokenError(
                "invalid_grant", "Invalid JWT: Token must be a short-lived token and in a reasonable timeframe."
            )
        if not claims.get("scope"):
            raise TokenError("invalid_scope", "Empty or missing scope not allowed.")
        token = self._token(str(claims["scope"]), int(now.timestamp()) + LIFETIME)
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def scopes(self, authorization: str, now: datetime) -> frozenset[str]:
        """The scopes of a bearer token. Raises a 401 for any other or an expired one."""
        kind, _, token = authorization.partition(" ")
        body, _, mark = token.removeprefix("ya29.").partition(".")
        if kind.lower() != "bearer" or not hmac.compare_digest(mark, self._mark(body)):
            raise unauthenticated()
        until, _, scopes = _decoded(body).decode().partition(" ")
        if now.timestamp() > int(until):
            raise unauthenticated()
        return frozenset(scopes.split())

    def _token(self, scope: str, until: int) -> str:
        body = _encoded(f"{until} {scope}".encode())
        return f"ya29.{body}.{self._mark(body)}"

    def _mark(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()

    def _verified(self, assertion: str) -> dict[str, Any]:
        """The claims of an RS256 JWT that this account's key has signed."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        signed, _, signature = assertion.rpartition(".")
        header, _, claims = signed.partition(".")
        try:
            self._key.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            if json.loads(_decoded(header)).get("alg") != "RS256":
                raise TokenError("invalid_grant", "Invalid JWT: unknown algorithm.")
            payload = json.loads(_decoded(claims))
        except (InvalidSignature, ValueError) as error:
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from error
        return dict(payload)


class TokenError(ApiError):
    """OAuth's own shape of an error."""

    def __init__(self, error: str, description: str) -> None:
        """`error` is OAuth's code, such as `invalid_grant`."""
        super().__init__(400, error, description)

    def body(self) -> dict[str, Any]:
        return {"error": self.status, "error_description": self.message}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    # A JWT leaves the padding out.
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
