"""What Alembic runs for every command; the connection comes from ``store.migrate``."""

from alembic import context

from store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place; the table is copied instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
