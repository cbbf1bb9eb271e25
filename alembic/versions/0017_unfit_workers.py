"""Why a worker takes no runs: what is wrong with its machine, and since when

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('workers', sa.Column('trouble', sa.Text(), nullable=True))
    op.add_column('workers', sa.Column('trouble_since', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('workers', 'trouble_since')
    op.drop_column('workers', 'trouble')
