"""Alembic's entry point: it runs the revisions on the connection that `database.migrate` hands over."""

from alembic import context

from console.integrations.portal.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
