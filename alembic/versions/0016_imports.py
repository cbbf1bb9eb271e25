"""Results made elsewhere: runs with an origin, whose evaluations may lack a loss and a number of images

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

ENDED = "origin IS NULL OR (examination IS NULL AND status IN ('running', 'succeeded'))"


def upgrade() -> None:
    op.add_column('runs', sa.Column('origin', postgresql.JSONB(), nullable=True))
    op.create_check_constraint(op.f('ck_runs_imported_has_ended'), 'runs', ENDED)
    op.create_index(
        'ix_runs_origin', 'runs', [sa.text("(origin ->> 'sha256')")],
        postgresql_where=sa.text('origin IS NOT NULL'),
    )
    op.alter_column('evaluations', 'loss', nullable=True)
    op.alter_column('evaluations', 'images', nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM runs WHERE origin IS NOT NULL")
    op.alter_column('evaluations', 'images', nullable=False)
    op.alter_column('evaluations', 'loss', nullable=False)
    op.drop_index('ix_runs_origin', table_name='runs')
    op.drop_constraint(op.f('ck_runs_imported_has_ended'), 'runs', type_='check')
    op.drop_column('runs', 'origin')
