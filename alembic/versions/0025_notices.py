"""Notices: the channels that they go to, and the outbox of what is still to be sent

Revision: 0025, after 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0025'
down_revision = '0020'
branch_labels = None
depends_on = None

NOW = sa.text('now()')
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'channels',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('secret', sa.Text(), nullable=True),
        sa.Column('about', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('project', sa.Text(), nullable=True),
        sa.Column('owner', sa.Text(), nullable=False),
        sa.Column('created_at', TIME, server_default=NOW, nullable=False),
        sa.Column('paused_at', TIME, nullable=True),
        sa.CheckConstraint("kind IN ('webhook', 'slack', 'matrix', 'mail')", name=op.f('ck_channels_kind')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_channels')),
    )
    op.create_table(
        'notices',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('project', sa.Text(), nullable=True),
        sa.Column('path', sa.Text(), nullable=False),
        sa.Column('title', sa.Text(), nullable=False),
        sa.Column('sentence', sa.Text(), nullable=False),
        sa.Column('body', postgresql.JSONB(), nullable=False),
        sa.Column('created_at', TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
        sa.UniqueConstraint('key', name=op.f('uq_notices_key')),
    )
    op.create_table(
        'deliveries',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('notice_id', sa.Uuid(), nullable=False),
        sa.Column('channel_id', sa.Uuid(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('next_at', TIME, server_default=NOW, nullable=False),
        sa.Column('delivered_at', TIME, nullable=True),
        sa.Column('gave_up_at', TIME, nullable=True),
        sa.Column('error', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ['channel_id'], ['channels.id'], name=op.f('fk_deliveries_channel_id'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['notice_id'], ['notices.id'], name=op.f('fk_deliveries_notice_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
        sa.UniqueConstraint('notice_id', 'channel_id', name=op.f('uq_deliveries_notice_id_channel_id')),
    )
    op.create_index(op.f('ix_deliveries_channel_id'), 'deliveries', ['channel_id'])
    op.create_index(
        'ix_deliveries_due',
        'deliveries',
        ['next_at'],
        postgresql_where=sa.text('delivered_at IS NULL AND gave_up_at IS NULL'),
    )
    op.create_table(
        'notice_position',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_position')),
    )


def downgrade() -> None:
    for table in ('notice_position', 'deliveries', 'notices', 'channels'):
        op.drop_table(table)
