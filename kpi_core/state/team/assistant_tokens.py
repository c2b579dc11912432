"""Tokens by which assistants ask in a person's name. Only their hashes are written down, so none can be read back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import delete, func, select

from kpi_core.state.schema import assistant_tokens
from kpi_core.state.store import Store

PREFIX = "kpi-"
"""By which a token that lies somewhere is recognised."""
_BYTES = 32


def new_assistant_token(store: Store, person: str, now: datetime, team: str = "") -> str:
    """A token for one person; this is the only time that anybody sees it.

    It names its `team` where one process serves several: which of their states knows it. That is no secret.
    """
    token = f"{PREFIX}{team}.{token_urlsafe(_BYTES)}" if team else PREFIX + token_urlsafe(_BYTES)
    with store.writing() as transaction:
        transaction.add(assistant_tokens, hash=_hash(token), person=person, made_at=now)
    return token


def team_of_token(token: str) -> str:
    """The team that a token names; empty where it names none. Whether it is one of that team's, its state says."""
    team, dot, _rest = token.removeprefix(PREFIX).partition(".")
    return team if dot and token.startswith(PREFIX) else ""


def person_of_token(store: Store, token: str) -> str | None:
    """Whose token it is; None for one that was never made, or was revoked."""
    if not token.startswith(PREFIX):
        return None
    # By its hash: how long the look-up takes tells nothing of the tokens that there are.
    query = select(assistant_tokens.c.person).where(assistant_tokens.c.hash == _hash(token))
    with store.reading() as transaction:
        row = transaction.row(query)
    return None if row is None else str(row["person"])


def revoke_assistant_tokens(store: Store, person: str) -> int:
    """Make every token of a person worthless; how many there were."""
    with store.writing() as transaction:
        return transaction.run(delete(assistant_tokens).where(assistant_tokens.c.person == person))


def people_with_tokens(store: Store) -> Mapping[str, int]:
    """Person -> how many tokens are good."""
    counted = select(assistant_tokens.c.person, func.count().label("count")).group_by(assistant_tokens.c.person)
    with store.reading() as transaction:
        return {row["person"]: row["count"] for row in transaction.rows(counted.order_by(assistant_tokens.c.person))}


def _hash(token: str) -> str:
    # Plain, since a token is 256 bits of chance, which nobody tries through.
    return sha256(token.encode("utf-8", "replace")).hexdigest()
