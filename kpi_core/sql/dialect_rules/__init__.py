"""What becomes of nodes of a query in single dialects."""
