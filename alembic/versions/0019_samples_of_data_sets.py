"""Sample images of data sets with boxes

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('datasets', sa.Column('samples', postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column('datasets', 'samples')
