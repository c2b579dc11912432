"""Layouts: what the export files of tools look like, as data. `layout` reads them, `recognition` knows a header."""
