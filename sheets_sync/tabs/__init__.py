"""What a tab says: typed cells, read and written. Knows nothing of ids and requests."""
