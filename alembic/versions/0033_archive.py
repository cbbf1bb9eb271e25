"""Archived runs, which lists leave out

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

# As in the first migration, but for what a person may edit.
GUARD = """
CREATE OR REPLACE FUNCTION guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    editable CONSTANT text[] := ARRAY[{editable}];
BEGIN
    IF OLD.status IN ('succeeded', 'failed', 'cancelled')
       AND to_jsonb(NEW) - editable IS DISTINCT FROM to_jsonb(OLD) - editable THEN
        RAISE EXCEPTION 'run % has %: it cannot change any more', OLD.id, OLD.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> OLD.status AND NOT (
        (OLD.status = 'queued' AND NEW.status IN ('running', 'cancelled', 'paused'))
        OR (OLD.status = 'running')
        OR (OLD.status = 'paused' AND NEW.status IN ('queued', 'cancelled'))
    ) THEN
        RAISE EXCEPTION 'run % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.fence < OLD.fence OR NEW.spec <> OLD.spec OR NEW.spec_hash <> OLD.spec_hash THEN
        RAISE EXCEPTION 'run %: the fence only rises, and the spec stays', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
"""
EDITABLE = "'name', 'project', 'tags', 'notes', 'last_seq'"
FILTERS = ['status', 'depth', 'shortcut', 'dataset', 'owner', 'project']


def upgrade() -> None:
    op.add_column('runs', sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(GUARD.replace('{editable}', EDITABLE + ", 'archived_at'"))
    index([*FILTERS, 'archived_at'])


def downgrade() -> None:
    index(FILTERS)
    op.drop_column('runs', 'archived_at')
    op.execute(GUARD.replace('{editable}', EDITABLE))


def index(columns: list[str]) -> None:
    op.drop_index('ix_runs_filters', table_name='runs')
    op.create_index('ix_runs_filters', 'runs', columns, postgresql_where=sa.text('examination IS NULL'))
