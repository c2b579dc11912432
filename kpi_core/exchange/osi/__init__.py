"""Open Semantic Interchange (Apache Ossie): datasets, relationships and metrics as SQL."""
