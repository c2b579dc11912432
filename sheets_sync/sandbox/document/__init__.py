"""A spreadsheet in memory: tabs, cells, rectangles, and what row and column edits do to them."""
