"""TikTok accounts: followers and viewers by day, or videos."""
