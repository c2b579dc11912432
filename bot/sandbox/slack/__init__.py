"""A local Slack workspace that speaks Slack's wire protocol: Web API, Socket Mode, signed requests, response_url.

async with start_slack() as slack:
    os.environ |= slack.environment          # the product, unchanged, now talks to it
    await slack.acting.command("mina", "marketing", "/kpi", "cac last-month")
"""

from __future__ import annotations

from bot.sandbox.slack.running import LocalSlack, start_slack

__all__ = ["LocalSlack", "start_slack"]
