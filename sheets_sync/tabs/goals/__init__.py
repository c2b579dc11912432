"""The Goals: people type what they want into their own columns, the bot answers in its own beside them."""
