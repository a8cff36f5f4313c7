"""Everything kept: the schema, the one place that commits, and set-wise reads. The only SQLAlchemy room."""
