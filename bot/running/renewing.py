"""A bot token that expires, of the one workspace that is served: what Slack renews is written down beside kpi.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from bot.slack.app import SlackAccess
from bot.slack.installs.installation import END_UNKNOWN, FILE, Installation, read_installation, write_installation
from bot.slack.installs.rotation import OwnToken, credentials_of


def renewing(access: SlackAccess, folder: Path, environment: Mapping[str, str]) -> SlackAccess:
    """The access with a token that renews itself, where the environment has a refresh token; else as it is.

    What was renewed before goes on, for a refresh token is good once; a new one in the environment begins anew.
    SettingsError where the app's own credentials are missing.
    """
    refresh = environment.get("SLACK_REFRESH_TOKEN", "").strip()
    if not refresh:
        return access
    file = folder / FILE
    before = read_installation(file)
    origin = sha256(refresh.encode()).hexdigest()[:16]
    if before is None or before.team != origin:
        # When it expires nobody knows yet, so it is renewed at its first use.
        write_installation(file, Installation(origin, access.bot_token, refresh, END_UNKNOWN))
    return replace(access, renewed=OwnToken(file, credentials_of(environment, access.api_url)))
