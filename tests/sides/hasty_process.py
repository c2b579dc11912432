"""`kpi run`, with less patience: `python hasty_process.py run --http --port N …`.

What waits for minutes in the product waits for seconds here, so that a test sees a process take up what another left.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import bot.running.wheel
import bot.slack.listeners.seen
import bot.slack.listeners.surviving.abandoned
import kpi_core.state.answered_events
from bot.cli import main

bot.running.wheel.ROUND_SECONDS = 1.0
bot.slack.listeners.surviving.abandoned.LOOK_SECONDS = 0.5
bot.slack.listeners.seen.RENEWED_SECONDS = 1.0
kpi_core.state.answered_events.CLAIMED = timedelta(seconds=4)

if __name__ == "__main__":
    sys.exit(main())
