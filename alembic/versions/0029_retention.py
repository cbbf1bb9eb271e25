"""Retention: after how many days a project's checkpoints and weights are deleted

Revision: 0029, after 0028
"""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'retention_rules',
        sa.Column('project', sa.Text(), nullable=False),
        sa.Column('checkpoints_days', sa.Integer(), nullable=True),
        sa.Column('weights_days', sa.Integer(), nullable=True),
        sa.Column('owner', sa.Text(), nullable=False),
        sa.CheckConstraint(
            'coalesce(checkpoints_days, 1) >= 1 AND coalesce(weights_days, 1) >= 1', name=op.f('ck_retention_rules_days')
        ),
        sa.PrimaryKeyConstraint('project', name=op.f('pk_retention_rules')),
    )


def downgrade() -> None:
    op.drop_table('retention_rules')
