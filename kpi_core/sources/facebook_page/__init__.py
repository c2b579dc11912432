"""Facebook pages: followers and viewers by day, or posts."""
