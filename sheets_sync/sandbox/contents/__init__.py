"""What callers read and write: cells, ranges of values, the spreadsheet as JSON."""
