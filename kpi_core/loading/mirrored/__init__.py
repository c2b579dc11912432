"""Loads into warehouses without transactions: put together in a DuckDB file, then mirrored there."""
