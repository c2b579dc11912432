"""What is remembered of spreadsheets and the syncs with them."""
