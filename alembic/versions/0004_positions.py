"""Each event has the number of the transaction that wrote it

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Earlier events get this transaction's number: all of them are older than any position.
    op.add_column(
        'events',
        sa.Column(
            'transaction',
            sa.BigInteger(),
            server_default=sa.text('(pg_current_xact_id()::text::bigint)'),
            nullable=False,
        ),
    )
    op.create_index('ix_events_transaction', 'events', ['transaction'])


def downgrade() -> None:
    op.drop_index('ix_events_transaction', 'events')
    op.drop_column('events', 'transaction')
