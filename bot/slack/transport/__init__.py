"""How Slack's requests reach the app, and what becomes of an answer that does not reach a person."""
