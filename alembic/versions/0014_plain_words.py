"""Plain words: stop requests instead of wishes, and runs that are returned instead of given back

Revision: 0014, after 0013
"""

from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

KINDS = {
    'given_back': 'returned',
    'cancel_wished': 'cancel_requested',
    'pause_wished': 'pause_requested',
}
OUTCOMES = {'given back': 'returned', 'lease expired': 'lease_expired'}
KNOWN_OUTCOMES = "outcome IN ('succeeded', 'failed', 'stopped', 'returned', 'lease_expired')"


def upgrade() -> None:
    _lock()
    _rewrite(KINDS, OUTCOMES)
    op.create_check_constraint(op.f('ck_attempts_outcome'), 'attempts', KNOWN_OUTCOMES)
    op.alter_column('study_members', 'place', new_column_name='position')
    # These come last, because they also block readers. The roles' rights stay with the column.
    op.alter_column('runs', 'wish', new_column_name='stop_request')
    op.execute("ALTER TABLE runs RENAME CONSTRAINT ck_runs_wish TO ck_runs_stop_request")


def downgrade() -> None:
    _lock()
    op.drop_constraint(op.f('ck_attempts_outcome'), 'attempts', type_='check')
    _rewrite({new: old for old, new in KINDS.items()}, {new: old for old, new in OUTCOMES.items()})
    op.alter_column('study_members', 'position', new_column_name='place')
    op.execute("ALTER TABLE runs RENAME CONSTRAINT ck_runs_stop_request TO ck_runs_wish")
    op.alter_column('runs', 'stop_request', new_column_name='wish')


def _lock() -> None:
    """Blocks writers until the commit, but not readers. Locks runs first, as every verb locks its run first."""
    op.execute("LOCK TABLE runs, attempts, events IN EXCLUSIVE MODE")


def _rewrite(kinds: dict[str, str], outcomes: dict[str, str]) -> None:
    """Renames values in one pass over each table, and writes only the rows with an old word.

    Disables the triggers that protect the past for these statements, while the lock blocks all other writers.
    """
    for table, column, renames, trigger in (
        ('attempts', 'outcome', outcomes, 'guard_past'),
        ('events', 'kind', kinds, 'guard_events'),
    ):
        op.execute(f'ALTER TABLE {table} DISABLE TRIGGER {trigger}')
        cases = ' '.join(f"WHEN '{old}' THEN '{new}'" for old, new in renames.items())
        olds = ', '.join(f"'{old}'" for old in renames)
        op.execute(f'UPDATE {table} SET {column} = CASE {column} {cases} END WHERE {column} IN ({olds})')
        op.execute(f'ALTER TABLE {table} ENABLE TRIGGER {trigger}')
