"""From sources to the next snapshot of the warehouse."""
