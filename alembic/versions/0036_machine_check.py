"""What the check of a worker's machine found out

Revision: 0036, after 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('workers', sa.Column('machine_check', postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column('workers', 'machine_check')
