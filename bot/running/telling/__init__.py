"""What the bot says by itself: summaries, alerts, reminders, and what has moved since."""
