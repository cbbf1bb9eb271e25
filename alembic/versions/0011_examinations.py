"""Examinations are rows of runs that lists of training runs omit; their reports and pictures are artifacts

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

ERRORS = ('val_error', 'best_val_error', 'test_error', 'best_test_error')
# The indexes of the lists of training runs.
LISTS = {
    'ix_runs_created_at_id': (['created_at', 'id'], 'btree'),
    'ix_runs_filters': (['status', 'depth', 'shortcut', 'dataset', 'owner', 'project'], 'btree'),
    'ix_runs_text': ([sa.literal_column('run_text(name, notes, tags) gin_trgm_ops')], 'gin'),
    **{
        name: ([sa.literal_column(f'{error} {way} NULLS LAST'), sa.literal_column(f'id {way}')], 'btree')
        for error in ERRORS
        for name, way in ((f'ix_runs_{error}', 'ASC'), (f'ix_runs_{error}_desc', 'DESC'))
    },
}
OF_FILES = {
    'role': (['checkpoint', 'weights'], ['checkpoint', 'weights', 'report', 'picture']),
    'format': (['safetensors', 'pt'], ['safetensors', 'pt', 'json', 'image']),
}


def upgrade() -> None:
    op.add_column('runs', sa.Column('examination', postgresql.JSONB(), nullable=True))
    _list(sa.text('examination IS NULL'))
    op.create_index(
        'ix_runs_examination', 'runs', ['examination'], postgresql_using='gin',
        postgresql_ops={'examination': 'jsonb_path_ops'}, postgresql_where=sa.text('examination IS NOT NULL'),
    )
    for column, (_, allowed) in OF_FILES.items():
        _allow(column, allowed)


def downgrade() -> None:
    op.execute("DELETE FROM runs WHERE examination IS NOT NULL")
    for column, (allowed, _) in OF_FILES.items():
        _allow(column, allowed)
    op.drop_index('ix_runs_examination', table_name='runs')
    _list(None)
    op.drop_column('runs', 'examination')


def _list(where: sa.TextClause | None) -> None:
    for name, (columns, using) in LISTS.items():
        op.drop_index(name, table_name='runs')
        op.create_index(name, 'runs', columns, postgresql_using=using, postgresql_where=where)


def _allow(column: str, allowed: list[str]) -> None:
    op.drop_constraint(op.f(f'ck_artifacts_{column}'), 'artifacts', type_='check')
    listed = ', '.join(f"'{value}'" for value in allowed)
    op.create_check_constraint(op.f(f'ck_artifacts_{column}'), 'artifacts', f'{column} IN ({listed})')
