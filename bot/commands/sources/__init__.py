"""Commands that bring data in: files recognised and added, sources loaded."""
