"""The bot in workspaces that install it by themselves, and tokens that Slack renews."""
