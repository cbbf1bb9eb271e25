"""The queue's index contains all columns that a claim reads

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

COLUMNS = ['owner', sa.literal_column("coalesce(queue, '')"), sa.literal_column('priority DESC'), 'created_at', 'id']
QUEUED = sa.text("status = 'queued'")


def upgrade() -> None:
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index(
        'ix_runs_queued', 'runs', COLUMNS,
        postgresql_include=['queue', 'not_before', 'rung_at'], postgresql_where=QUEUED,
    )


def downgrade() -> None:
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index('ix_runs_queued', 'runs', COLUMNS, postgresql_where=QUEUED)
