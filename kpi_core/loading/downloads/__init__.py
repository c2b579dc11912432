"""What becomes of files that people download again and again: days in several of them, and too few rows."""
