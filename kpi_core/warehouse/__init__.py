"""Where facts lie and how they are read: DuckDB, or any database that SQLAlchemy reaches."""
