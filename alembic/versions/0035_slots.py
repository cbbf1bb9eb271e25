"""Several workers on one device, and the part of it that an attempt has

Revision: 0035, after 0034
"""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('workers', sa.Column('slot', sa.SmallInteger(), server_default='1', nullable=False))
    op.add_column('workers', sa.Column('slots', sa.SmallInteger(), server_default='1', nullable=False))
    op.add_column('workers', sa.Column('shared_device', sa.Text(), nullable=True))
    op.add_column('attempts', sa.Column('slots', sa.SmallInteger(), server_default='1', nullable=False))
    op.add_column('attempts', sa.Column('shared_device', sa.Text(), nullable=True))
    op.add_column('attempts', sa.Column('share', sa.Double(), server_default='1', nullable=False))


def downgrade() -> None:
    for column in ('share', 'shared_device', 'slots'):
        op.drop_column('attempts', column)
    for column in ('shared_device', 'slots', 'slot'):
        op.drop_column('workers', column)
