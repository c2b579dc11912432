"""Layouts: what the export files of tools look like, as data. `layout.py` reads them, `recognition.py` knows a header."""
