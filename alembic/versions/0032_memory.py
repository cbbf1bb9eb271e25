"""The memory that a run needs by its plan, and that a worker has

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

COLUMNS = ['owner', sa.literal_column("coalesce(queue, '')"), sa.literal_column('priority DESC'), 'created_at', 'id']
INCLUDED = ['queue', 'not_before', 'rung_at', 'project', 'devices', 'machines']
QUEUED = sa.text("status = 'queued'")


def upgrade() -> None:
    op.add_column('runs', sa.Column('memory_bytes', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('workers', sa.Column('memory_bytes', sa.BigInteger(), nullable=True))
    index([*INCLUDED, 'memory_bytes'])


def downgrade() -> None:
    index(INCLUDED)
    op.drop_column('workers', 'memory_bytes')
    op.drop_column('runs', 'memory_bytes')


def index(included: list[str]) -> None:
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index(
        'ix_runs_queued', 'runs', COLUMNS, postgresql_include=included, postgresql_where=QUEUED,
    )
