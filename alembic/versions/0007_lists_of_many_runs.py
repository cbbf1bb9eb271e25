"""Lists of many runs: indexes for filters, errors and text search

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# array_to_string isn't immutable, because the text of some types depends on settings; arrays of text don't.
RUN_TEXT = """
CREATE FUNCTION run_text(name text, notes text, tags text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name || E'\\n' || array_to_string(tags, E'\\n') || E'\\n' || notes
$$
"""
ERRORS = ('val_error', 'best_val_error', 'test_error', 'best_test_error')


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(RUN_TEXT)
    op.create_index('ix_runs_filters', 'runs', ['status', 'depth', 'shortcut', 'dataset', 'owner', 'project'], unique=False)
    for error in ERRORS:
        for name, way in ((f'ix_runs_{error}', 'ASC'), (f'ix_runs_{error}_desc', 'DESC')):
            op.create_index(name, 'runs', [sa.literal_column(f'{error} {way} NULLS LAST'), sa.literal_column(f'id {way}')])
    op.create_index(
        'ix_runs_text', 'runs', [sa.literal_column('run_text(name, notes, tags) gin_trgm_ops')], postgresql_using='gin'
    )


def downgrade() -> None:
    op.drop_index('ix_runs_text', table_name='runs')
    for error in ERRORS:
        op.drop_index(f'ix_runs_{error}_desc', table_name='runs')
        op.drop_index(f'ix_runs_{error}', table_name='runs')
    op.drop_index('ix_runs_filters', table_name='runs')
    op.execute("DROP FUNCTION run_text(text, text, text[])")
