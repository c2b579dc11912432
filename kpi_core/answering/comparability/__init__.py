"""What keeps two numbers from being held against each other."""
