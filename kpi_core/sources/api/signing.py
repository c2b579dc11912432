"""How a request says who sends it: kinds of signing as data. Pure but for tokens that have to be fetched first."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime

from kpi_core.frozen_dataclass import frozen


@frozen
class Signing:
    """What a signature is made of."""

    method: str
    path: str
    """Without the query."""
    instant: datetime
    account: str = ""


Signer = Callable[[Signing], Mapping[str, str]]
"""The headers that sign a request."""


def signer_of(sign: Mapping[str, str], option: Callable[[str], str], token: Callable[[], str]) -> Signer:
    """The signer that `sign` of a service's requests describes.

    `option` gives an option of the source; `token` an access token, of services whose tokens are fetched.
    """
    kind = sign.get("kind", "none")
    if kind == "bearer":
        return lambda _signing: {"Authorization": f"Bearer {option(sign['option'])}"}
    if kind == "header":
        return lambda _signing: {sign["header"]: sign.get("prefix", "") + option(sign["option"])}
    if kind == "basic":
        return lambda _signing: {"Authorization": f"Basic {_pair(sign.get('user', 'kpi'), option(sign['option']))}"}
    if kind == "naver":
        return lambda signing: naver_headers(signing, option("api_key"), option("secret"), signing.account)
    if kind == "token":
        name, prefix = sign.get("header", "Authorization"), sign.get("prefix", "Bearer ")
        return lambda _signing: {name: f"{prefix}{token()}"}
    return lambda _signing: {}


def _pair(user: str, secret: str) -> str:
    return b64encode(f"{user}:{secret}".encode()).decode()


def naver_headers(signing: Signing, api_key: str, secret: str, customer: str) -> dict[str, str]:
    """Naver Search Ads: base64 of HMAC-SHA256 over `{milliseconds}.{METHOD}.{path}`.

    Source: naver/searchad-apidoc, python-sample/examples/signaturehelper.py.
    """
    timestamp = str(int(signing.instant.timestamp() * 1000))
    message = f"{timestamp}.{signing.method}.{signing.path}".encode()
    signature = b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()
    return {"X-Timestamp": timestamp, "X-API-KEY": api_key, "X-Customer": customer, "X-Signature": signature}
