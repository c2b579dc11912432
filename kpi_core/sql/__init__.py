"""From needs to the text of queries."""
