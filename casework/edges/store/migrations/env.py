"""Runs migrations on the connection that the store hands over; there is no other way in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
context.run_migrations()
