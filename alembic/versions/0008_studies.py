"""Studies: the runs of an experiment of the paper as one object

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('studies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('recipe', sa.Text(), nullable=False),
    sa.Column('seeds', sa.Integer(), nullable=False),
    sa.Column('scale', sa.Double(), nullable=False),
    sa.Column('dataset', sa.Text(), nullable=False),
    sa.Column('budget', sa.Integer(), nullable=True),
    sa.Column('looks', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_studies'))
    )
    op.create_table('study_members',
    sa.Column('study_id', sa.Uuid(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('tests', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('reused', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_study_members_run_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['study_id'], ['studies.id'], name=op.f('fk_study_members_study_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('study_id', 'label', 'seed', name=op.f('pk_study_members'))
    )
    op.create_index('ix_study_members_run_id', 'study_members', ['run_id'], unique=False)
    op.alter_column('idempotency_keys', 'run_id', existing_type=sa.Uuid(), nullable=True)
    op.add_column('idempotency_keys', sa.Column('study_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f('fk_idempotency_keys_study_id'), 'idempotency_keys', 'studies', ['study_id'], ['id'],
        ondelete='CASCADE', deferrable=True, initially='DEFERRED',
    )
    op.create_check_constraint(
        op.f('ck_idempotency_keys_run_or_study'), 'idempotency_keys', "(run_id IS NULL) != (study_id IS NULL)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM idempotency_keys WHERE run_id IS NULL")
    op.drop_constraint(op.f('ck_idempotency_keys_run_or_study'), 'idempotency_keys', type_='check')
    op.drop_constraint(op.f('fk_idempotency_keys_study_id'), 'idempotency_keys', type_='foreignkey')
    op.drop_column('idempotency_keys', 'study_id')
    op.alter_column('idempotency_keys', 'run_id', existing_type=sa.Uuid(), nullable=False)
    op.drop_table('study_members')
    op.drop_table('studies')
