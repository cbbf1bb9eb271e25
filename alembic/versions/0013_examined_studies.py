"""A study records when the examinations of its members were queued

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('studies', sa.Column('examined_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('studies', 'examined_at')
