"""What Slack sends to an app, and how it gets there."""
