"""Orders of a Cafe24 mall and their items, by its Admin API."""
