"""Better, worse or as usual: a change held against how far the KPI moves by itself."""
