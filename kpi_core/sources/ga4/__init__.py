"""Google Analytics 4."""
