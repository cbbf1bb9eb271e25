"""Uploaded weights of classifiers, for detectors to start from

Revision: 0034, after 0033
"""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'start_weights',
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('network', sa.Text(), nullable=False),
        sa.Column('statistics', sa.Text(), nullable=False),
        sa.Column('stride_in_1x1', sa.Boolean(), nullable=True),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('project', sa.Text(), nullable=False),
        sa.Column('owner', sa.Text(), nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            "statistics IN ('moving_average', 'training_set')", name=op.f('ck_start_weights_statistics')
        ),
        sa.PrimaryKeyConstraint('sha256', name=op.f('pk_start_weights')),
    )


def downgrade() -> None:
    op.drop_table('start_weights')
