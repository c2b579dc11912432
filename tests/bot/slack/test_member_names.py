"""What members are called, asked of the local Slack."""

from __future__ import annotations

import asyncio

from bot.sandbox.slack import start_slack
from bot.slack.app import slack_access
from bot.slack.member_names import member_names


def test_members_are_looked_up_by_id() -> None:
    """Each that Slack knows, by the name that people see; the others are left out."""

    async def look_up() -> tuple[dict[str, str], dict[str, str]]:
        async with start_slack() as slack:
            users = {member: user.real_name for member, user in slack.backend.workspace.users.items()}
            found = await asyncio.to_thread(member_names, slack_access(slack.environment), [*users, "U0NOBODY1"])
        return users, found

    users, found = asyncio.run(look_up())
    assert users
    assert found == users
