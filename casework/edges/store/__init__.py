"""The store: every session, word, person and reading of a record, in SQLite or PostgreSQL."""
