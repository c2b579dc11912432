"""The Slack face and the command line of KPI Bot."""
