"""Tokens given out beside the first: to other teams that install the app, and in place of old ones."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.slack_workspace import APP_ID, BOT_USER, TEAM_ID, Json, Workspace
from kpi_core.frozen_dataclass import frozen

_MOST_CODES = 1000


@frozen
class Grant:
    """Whose a token is, and when it ends; None for never."""

    team: str
    expires_at: float | None = None


def team_of_token(workspace: Workspace, token: str) -> str:
    """The team that a bot token is for; empty for one that was never given out."""
    if token == workspace.bot_token:
        return TEAM_ID
    grant = workspace.grants.get(token)
    return grant.team if grant else ""


def is_over(workspace: Workspace, token: str) -> bool:
    grant = workspace.grants.get(token)
    return grant is not None and grant.expires_at is not None and workspace.now() >= grant.expires_at


def access_granted(workspace: Workspace, params: Mapping[str, Any]) -> Json:
    """oauth.v2.access: for a code or a refresh token, each of which is good once."""
    if params.get("grant_type") == "refresh_token":
        team = workspace.refresh_tokens.pop(str(params.get("refresh_token")), "")
        error = "invalid_refresh_token"
    else:
        team = workspace.codes.pop(str(params.get("code")), "")
        error = "invalid_code"
    if not team:
        return {"ok": False, "error": error}
    return {"ok": True} | new_grant(workspace, team)


def new_code(workspace: Workspace, team: str) -> str:
    """What a team's consent comes back with."""
    if len(workspace.codes) >= _MOST_CODES:
        workspace.codes.clear()
    code = f"code-{secrets.token_hex(8)}"
    workspace.codes[code] = team
    return code


def new_grant(workspace: Workspace, team: str) -> Json:
    """A new token of a team, which ends where `token_seconds` says so, with what renews it."""
    token = f"xoxb-{team.lower()}-{secrets.token_hex(12)}"
    lasts = workspace.token_seconds
    workspace.grants[token] = Grant(team, None if lasts is None else workspace.now() + lasts)
    granted: Json = {
        "access_token": token, "token_type": "bot", "bot_user_id": BOT_USER, "app_id": APP_ID,
        "scope": ",".join(sorted(workspace.scopes)), "team": {"id": team, "name": team}, "enterprise": None,
        "is_enterprise_install": False, "authed_user": {"id": "U0MINA"},
    }  # fmt: skip
    if lasts is not None:
        refresh = f"xoxe-1-{secrets.token_hex(12)}"
        workspace.refresh_tokens[refresh] = team
        granted |= {"refresh_token": refresh, "expires_in": lasts}
    return granted
