"""Indexes of succeeded runs by their spec, and by their spec without the seed

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

SUCCEEDED = sa.text("status = 'succeeded'")


def upgrade() -> None:
    op.create_index('ix_runs_spec_hash', 'runs', ['spec_hash'], postgresql_where=SUCCEEDED)
    op.create_index(
        'ix_runs_seedless', 'runs', [sa.literal_column("(spec - 'seed')")],
        postgresql_using='hash', postgresql_where=SUCCEEDED,
    )


def downgrade() -> None:
    op.drop_index('ix_runs_seedless', table_name='runs')
    op.drop_index('ix_runs_spec_hash', table_name='runs')
