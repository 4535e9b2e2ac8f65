"""Runs on the connection that `bot.migrations` opened."""

from alembic import context

connection = context.config.attributes["connection"]
# Changing a table of SQLite means copying and dropping it: with foreign keys on, what refers to it would go.
# A large table takes PostgreSQL longer than a look-up may.
if connection.dialect.name == "sqlite":
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
else:
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
context.configure(
    connection=connection,
    version_table=context.config.attributes["version_table"],
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
