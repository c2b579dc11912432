"""Instagram accounts: followers and reach by day, or posts."""
