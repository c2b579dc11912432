"""The Slack app: what comes in, and what is posted."""
