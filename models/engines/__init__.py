"""Our own clients for SQLite and PostgreSQL: safe when the caller is cancelled, and honest about what went wrong."""
