"""Which blocks Slack accepts, with its limits and its words."""
