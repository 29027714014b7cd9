"""PostgreSQL: the engine, the unit of work, the schema's conventions, the embedded server."""
