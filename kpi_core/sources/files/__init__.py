"""What file sources share: finding files by patterns, and tables of plain text from delimited files of any kind."""

from kpi_core.sources.files.headers import HeaderRule, header_record, header_rule
from kpi_core.sources.files.matching import label_of, matching_files
from kpi_core.sources.files.opened import Opened, opened, table_of, text_files
from kpi_core.sources.files.text_file import TextFile, columns_of, write_text_file
from kpi_core.sources.files.text_tables import first_line, load_text_files, unreadable

__all__ = [
    "HeaderRule",
    "Opened",
    "TextFile",
    "columns_of",
    "first_line",
    "header_record",
    "header_rule",
    "label_of",
    "load_text_files",
    "matching_files",
    "opened",
    "table_of",
    "text_files",
    "unreadable",
    "write_text_file",
]
