"""How tabs reach the spreadsheet: what it holds, and the requests still missing."""
