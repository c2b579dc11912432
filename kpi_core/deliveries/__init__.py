"""What is said to whom and when, and the ledger that makes it happen once."""
