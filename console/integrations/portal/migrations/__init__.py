"""Alembic's home inside the package: the schema's history travels with the program."""
