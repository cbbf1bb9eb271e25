"""Runs on several machines: how many, where their processes meet, and the workers that wait for others

Revision: 0031, after 0030
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

COLUMNS = ['owner', sa.literal_column("coalesce(queue, '')"), sa.literal_column('priority DESC'), 'created_at', 'id']
QUEUED = sa.text("status = 'queued'")
BEFORE = ['queue', 'not_before', 'rung_at', 'project', 'devices']


def upgrade() -> None:
    op.add_column('runs', sa.Column('machines', sa.Integer(), server_default='1', nullable=False))
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index(
        'ix_runs_queued', 'runs', COLUMNS, postgresql_include=[*BEFORE, 'machines'], postgresql_where=QUEUED
    )
    op.add_column('attempts', sa.Column('meeting', sa.Text(), nullable=True))
    op.add_column('attempts', sa.Column('broken', sa.Text(), nullable=True))
    op.add_column('workers', sa.Column('address', sa.Text(), nullable=True))
    op.add_column('workers', sa.Column('awaits', sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column('workers', 'awaits')
    op.drop_column('workers', 'address')
    op.drop_column('attempts', 'broken')
    op.drop_column('attempts', 'meeting')
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index('ix_runs_queued', 'runs', COLUMNS, postgresql_include=BEFORE, postgresql_where=QUEUED)
    op.drop_column('runs', 'machines')
