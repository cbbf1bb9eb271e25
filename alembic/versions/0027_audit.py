"""The audit trail: appended to, and never changed

Revision: 0027, after 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

# No role owns the table, so none can disable the trigger.
GUARD = """
CREATE FUNCTION guard_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is appended to, and never changed' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER guard_audit BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION guard_audit();
"""


def upgrade() -> None:
    op.create_table(
        'audit',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('person', sa.Text(), nullable=True),
        sa.Column('key_id', sa.Uuid(), nullable=True),
        sa.Column('action', sa.Text(), nullable=False),
        sa.Column('subject', sa.Text(), nullable=False),
        sa.Column('project', sa.Text(), nullable=True),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('status', sa.SmallInteger(), nullable=False),
        sa.Column('detail', postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit')),
    )
    op.create_index('ix_audit_person', 'audit', ['person', 'id'])
    op.create_index('ix_audit_subject', 'audit', ['subject', 'id'])
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_table('audit')
    op.execute("DROP FUNCTION guard_audit()")
