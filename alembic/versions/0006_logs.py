"""Lines of a log have numbers and levels, and a log has a row with its counts

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# Earlier lines have no levels: all of them become info. A chunk's text ends with a line end.
FILL = """
UPDATE log_chunks SET first_line = told.last_line - told.count + 1, levels = repeat('i', told.count)
FROM (
    SELECT run_id, attempt, number, count,
           sum(count) OVER (PARTITION BY run_id ORDER BY attempt, number) AS last_line
    FROM (
        SELECT run_id, attempt, number, length(text) - length(replace(text, E'\\n', '')) AS count FROM log_chunks
    ) counted
) told
WHERE (log_chunks.run_id, log_chunks.attempt, log_chunks.number) = (told.run_id, told.attempt, told.number);
INSERT INTO logs (run_id, lines, level, kept_bytes, head_lines, left_out_lines, left_out_bytes)
SELECT run_id, sum(length(levels)), 'i', sum(octet_length(text)), 0, 0, 0 FROM log_chunks GROUP BY run_id;
"""


def upgrade() -> None:
    op.create_table(
        'logs',
        sa.Column('run_id', sa.Uuid(), nullable=False),
        sa.Column('lines', sa.Integer(), nullable=False),
        sa.Column('level', sa.Text(), nullable=False),
        sa.Column('first_error', sa.Integer(), nullable=True),
        sa.Column('kept_bytes', sa.BigInteger(), nullable=False),
        sa.Column('head_lines', sa.Integer(), nullable=False),
        sa.Column('left_out_lines', sa.Integer(), nullable=False),
        sa.Column('left_out_bytes', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_logs_run_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('run_id', name=op.f('pk_logs')),
    )
    op.add_column('log_chunks', sa.Column('first_line', sa.Integer(), server_default='0', nullable=False))
    op.add_column('log_chunks', sa.Column('levels', sa.Text(), server_default='', nullable=False))
    op.execute("SET LOCAL reslab.compaction = 'on'")  # the past gets numbers; its lines don't change
    for statement in FILL.strip().split(';\n'):
        op.execute(statement)
    op.alter_column('log_chunks', 'first_line', server_default=None)
    op.alter_column('log_chunks', 'levels', server_default=None)
    op.execute(
        'CREATE TRIGGER guard_past BEFORE INSERT OR UPDATE OR DELETE ON logs'
        ' FOR EACH ROW EXECUTE FUNCTION guard_past()'
    )
    op.create_index('ix_log_chunks_run_id_first_line', 'log_chunks', ['run_id', 'first_line'])


def downgrade() -> None:
    op.drop_index('ix_log_chunks_run_id_first_line', 'log_chunks')
    op.drop_column('log_chunks', 'levels')
    op.drop_column('log_chunks', 'first_line')
    op.drop_table('logs')
