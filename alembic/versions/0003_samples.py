"""Samples of speed and machine

Revision: 0003, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sample_chunks',
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('first', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('iteration', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('at', postgresql.ARRAY(sa.Double()), nullable=False),
    sa.Column('images_per_s', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('waiting', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('cpu', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('ram_bytes', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('gpu', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('gpu_memory_bytes', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('gpu_power_w', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.Column('gpu_temperature_c', postgresql.ARRAY(sa.REAL()), nullable=False),
    sa.ForeignKeyConstraint(['run_id', 'attempt'], ['attempts.run_id', 'attempts.number'], name=op.f('fk_sample_chunks_run_id_attempt'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'first', name=op.f('pk_sample_chunks'))
    )


def downgrade() -> None:
    op.drop_table('sample_chunks')
