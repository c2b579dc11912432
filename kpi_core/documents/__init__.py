"""Files that people edit: YAML with places, and the shapes it must have."""
