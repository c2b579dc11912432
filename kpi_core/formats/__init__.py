"""Values, changes, periods and notices in the words of a reader; answers as JSON."""
