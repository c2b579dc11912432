"""Commands that serve others than Slack."""
