"""The first tables

Revision: 0001, after 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


# Terminal rows never change, and every other move is one of store.runs.states.FOLLOWS (tests compare the two).
# What a person may edit may still change, and so may the counter of events, which counts the edit.
GUARD = """
CREATE FUNCTION guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    editable CONSTANT text[] := ARRAY['name', 'project', 'tags', 'notes', 'last_seq'];
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
CREATE TRIGGER guard_run BEFORE UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION guard_run();
"""


def upgrade() -> None:
    op.create_table('api_keys',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('scopes', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('sha256', name=op.f('uq_api_keys_sha256'))
    )
    op.create_table('datasets',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('manifest_hash', sa.Text(), nullable=False),
    sa.Column('classes', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('train_images', sa.Integer(), nullable=False),
    sa.Column('test_images', sa.Integer(), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('(key IS NULL) != (path IS NULL)', name=op.f('ck_datasets_archive_or_folder')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_datasets'))
    )
    op.create_table('runs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('project', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('tags', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('queue', sa.Text(), nullable=True),
    sa.Column('spec', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('spec_hash', sa.Text(), nullable=False),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('shortcut', sa.Text(), nullable=False),
    sa.Column('dataset', sa.Text(), nullable=False),
    sa.Column('iterations', sa.Integer(), nullable=False),
    sa.Column('parameters', sa.BigInteger(), nullable=False),
    sa.Column('multiply_adds', sa.BigInteger(), nullable=False),
    sa.Column('weighted_layers', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('message', sa.Text(), nullable=True),
    sa.Column('wish', sa.Text(), nullable=True),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('failures', sa.SmallInteger(), nullable=False),
    sa.Column('rung_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_seq', sa.BigInteger(), nullable=False),
    sa.Column('iteration', sa.Integer(), nullable=False),
    sa.Column('images_per_s', sa.Double(), nullable=True),
    sa.Column('train_error', sa.Double(), nullable=True),
    sa.Column('val_error', sa.Double(), nullable=True),
    sa.Column('best_val_error', sa.Double(), nullable=True),
    sa.Column('best_val_iteration', sa.Integer(), nullable=True),
    sa.Column('test_error', sa.Double(), nullable=True),
    sa.Column('best_test_error', sa.Double(), nullable=True),
    sa.CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name=op.f('ck_runs_failed_has_a_reason')),
    sa.CheckConstraint("(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name=op.f('ck_runs_terminal_is_finished')),
    sa.CheckConstraint("status IN ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')", name=op.f('ck_runs_status')),
    sa.CheckConstraint("wish IN ('cancel', 'pause')", name=op.f('ck_runs_wish')),
    sa.CheckConstraint('iteration BETWEEN 0 AND iterations', name=op.f('ck_runs_iteration')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    op.create_index('ix_runs_created_at_id', 'runs', ['created_at', 'id'], unique=False)
    op.create_index('ix_runs_queued', 'runs', [sa.literal_column('priority DESC'), 'created_at', 'id'], unique=False, postgresql_where=sa.text("status = 'queued'"))
    op.create_index('ix_runs_running', 'runs', ['owner'], unique=False, postgresql_where=sa.text("status = 'running'"))
    op.create_table('workers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('queue', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('draining', sa.Boolean(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("queue IN ('cpu', 'gpu')", name=op.f('ck_workers_queue')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workers'))
    )
    op.create_table('attempts',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('worker_id', sa.Uuid(), nullable=False),
    sa.Column('worker', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('resumed_from', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_batch', sa.Integer(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_attempts_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'number', name=op.f('pk_attempts'))
    )
    op.create_table('events',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=True),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_events_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'seq', name=op.f('pk_events'))
    )
    op.create_table('idempotency_keys',
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.Text(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_idempotency_keys_run_id'), ondelete='CASCADE', initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('owner', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_table('sessions',
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['key_id'], ['api_keys.id'], name=op.f('fk_sessions_key_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_sessions'))
    )
    op.create_table('artifacts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('iteration', sa.Integer(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("format IN ('safetensors', 'pt')", name=op.f('ck_artifacts_format')),
    sa.CheckConstraint("role IN ('checkpoint', 'weights')", name=op.f('ck_artifacts_role')),
    sa.ForeignKeyConstraint(['run_id', 'attempt'], ['attempts.run_id', 'attempts.number'], name=op.f('fk_artifacts_run_id_attempt'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_artifacts')),
    sa.UniqueConstraint('run_id', 'role', 'format', 'iteration', name=op.f('uq_artifacts_run_id_role_format_iteration'))
    )
    op.create_table('evaluations',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('split', sa.Text(), nullable=False),
    sa.Column('iteration', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('error', sa.Double(), nullable=False),
    sa.Column('top5_error', sa.Double(), nullable=True),
    sa.Column('loss', sa.Double(), nullable=False),
    sa.Column('images', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("split IN ('val', 'test')", name=op.f('ck_evaluations_split')),
    sa.ForeignKeyConstraint(['run_id', 'attempt'], ['attempts.run_id', 'attempts.number'], name=op.f('fk_evaluations_run_id_attempt'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'split', 'iteration', name=op.f('pk_evaluations'))
    )
    op.create_table('log_chunks',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['run_id', 'attempt'], ['attempts.run_id', 'attempts.number'], name=op.f('fk_log_chunks_run_id_attempt'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'attempt', 'number', name=op.f('pk_log_chunks'))
    )
    op.create_table('step_chunks',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('first', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('every', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('loss', sa.LargeBinary(), nullable=False),
    sa.Column('error', sa.LargeBinary(), nullable=False),
    sa.Column('lr', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('count > 0 AND octet_length(loss) = 4 * count AND octet_length(error) = 4 * count AND octet_length(lr) = 4 * count', name=op.f('ck_step_chunks_columns_are_full')),
    sa.ForeignKeyConstraint(['run_id', 'attempt'], ['attempts.run_id', 'attempts.number'], name=op.f('fk_step_chunks_run_id_attempt'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'first', name=op.f('pk_step_chunks'))
    )
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_table('step_chunks')
    op.drop_table('log_chunks')
    op.drop_table('evaluations')
    op.drop_table('artifacts')
    op.drop_table('sessions')
    op.drop_table('idempotency_keys')
    op.drop_table('events')
    op.drop_table('attempts')
    op.drop_table('workers')
    op.drop_index('ix_runs_running', table_name='runs', postgresql_where=sa.text("status = 'running'"))
    op.drop_index('ix_runs_queued', table_name='runs', postgresql_where=sa.text("status = 'queued'"))
    op.drop_index('ix_runs_created_at_id', table_name='runs')
    op.drop_table('runs')
    op.drop_table('datasets')
    op.drop_table('api_keys')
    op.execute("DROP FUNCTION guard_run()")
