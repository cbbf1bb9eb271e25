"""The life of a run: parents, an index in the order of the queue, and a past that stays

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


# The events and files of a terminal run never change. Deleting the run deletes them too, as its row is gone by then.
# For a later compaction of curves by control: SET LOCAL reslab.compaction = 'on'.
GUARD = """
CREATE FUNCTION guard_past() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_run CONSTANT uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.run_id ELSE NEW.run_id END;
    ended text;
BEGIN
    SELECT status INTO ended FROM runs WHERE id = of_run AND status IN ('succeeded', 'failed', 'cancelled');
    IF ended IS NOT NULL AND current_setting('reslab.compaction', true) IS DISTINCT FROM 'on' THEN
        -- That an object was found missing may be said of a finished run, too.
        IF TG_OP <> 'UPDATE' OR to_jsonb(NEW) - 'missing_at' IS DISTINCT FROM to_jsonb(OLD) - 'missing_at' THEN
            RAISE EXCEPTION 'run % has %: its % cannot change any more', of_run, ended, TG_TABLE_NAME
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE FUNCTION guard_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM runs WHERE id = OLD.run_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'run %: what has happened cannot be changed', OLD.run_id USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER guard_events BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION guard_events();
"""
GUARDED = ("attempts", "step_chunks", "evaluations", "artifacts", "log_chunks", "sample_chunks")


def upgrade() -> None:
    op.add_column('runs', sa.Column('parent_id', sa.Uuid(), nullable=True))
    op.add_column('runs', sa.Column('parent_iteration', sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f('ck_runs_fork_has_a_parent'),
        'runs',
        "parent_iteration IS NULL OR (parent_id IS NOT NULL AND parent_iteration BETWEEN 1 AND iterations - 1)",
    )
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index(
        'ix_runs_queued',
        'runs',
        ['owner', sa.literal_column("coalesce(queue, '')"), sa.literal_column('priority DESC'), 'created_at', 'id'],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        'ix_runs_rung',
        'runs',
        ['rung_at'],
        unique=False,
        postgresql_where=sa.text("status = 'queued' AND rung_at IS NOT NULL"),
    )
    op.alter_column('artifacts', 'attempt', existing_type=sa.Integer(), nullable=True)
    op.add_column('artifacts', sa.Column('missing_at', sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f('fk_artifacts_run_id'), 'artifacts', 'runs', ['run_id'], ['id'], ondelete='CASCADE'
    )
    op.execute(GUARD)
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER guard_past BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION guard_past()"
        )


def downgrade() -> None:
    for table in GUARDED:
        op.execute(f"DROP TRIGGER guard_past ON {table}")
    op.execute("DROP TRIGGER guard_events ON events")
    op.execute("DROP FUNCTION guard_past()")
    op.execute("DROP FUNCTION guard_events()")
    op.drop_constraint(op.f('fk_artifacts_run_id'), 'artifacts', type_='foreignkey')
    op.drop_column('artifacts', 'missing_at')
    op.execute("DELETE FROM artifacts WHERE attempt IS NULL")
    op.alter_column('artifacts', 'attempt', existing_type=sa.Integer(), nullable=False)
    op.drop_index('ix_runs_rung', table_name='runs')
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index(
        'ix_runs_queued',
        'runs',
        [sa.literal_column('priority DESC'), 'created_at', 'id'],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.drop_constraint(op.f('ck_runs_fork_has_a_parent'), 'runs', type_='check')
    op.drop_column('runs', 'parent_iteration')
    op.drop_column('runs', 'parent_id')
