"""Pages of LinkedIn: followers and reach by day, or posts."""
