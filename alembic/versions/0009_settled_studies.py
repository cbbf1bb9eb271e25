"""Studies to which an interim analysis had nothing to add

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('studies', sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('studies', 'settled_at')
