"""Retention: after how many days a project's runs are archived

Revision: 0037, after 0036
"""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

DAYS = 'coalesce(checkpoints_days, 1) >= 1 AND coalesce(weights_days, 1) >= 1'


def upgrade() -> None:
    op.add_column('retention_rules', sa.Column('archive_days', sa.Integer(), nullable=True))
    check(DAYS + ' AND coalesce(archive_days, 1) >= 1')


def downgrade() -> None:
    check(DAYS)
    op.drop_column('retention_rules', 'archive_days')


def check(condition: str) -> None:
    op.drop_constraint(op.f('ck_retention_rules_days'), 'retention_rules')
    op.create_check_constraint(op.f('ck_retention_rules_days'), 'retention_rules', condition)
