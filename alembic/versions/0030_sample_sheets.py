"""Sample images of built-in data sets, which the first run on each leaves

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'sample_sheets',
        sa.Column('dataset', sa.Text(), nullable=False),
        sa.Column('classes', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('png', sa.LargeBinary(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('dataset', name=op.f('pk_sample_sheets')),
    )


def downgrade() -> None:
    op.drop_table('sample_sheets')
