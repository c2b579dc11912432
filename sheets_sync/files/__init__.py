"""The tabs as files, for who works without Google Sheets."""
