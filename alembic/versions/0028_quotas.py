"""Quotas of people and projects, and the device time that they used, also by runs that were deleted since

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

COLUMNS = ['owner', sa.literal_column("coalesce(queue, '')"), sa.literal_column('priority DESC'), 'created_at', 'id']
QUEUED = sa.text("status = 'queued'")
# What is known of earlier months: the attempts of runs that were not deleted.
SPENT = """
INSERT INTO usage (month, person, project, device_s)
SELECT month::date, owner, project, sum(
    extract(epoch FROM least(ended_at, month + interval '1 month') - greatest(attempts.started_at, month))
    * coalesce((spec ->> 'devices')::int, 1)
)
FROM attempts JOIN runs ON runs.id = run_id
CROSS JOIN LATERAL generate_series(
    date_trunc('month', attempts.started_at), date_trunc('month', ended_at), interval '1 month'
) AS months (month)
WHERE ended_at IS NOT NULL AND origin IS NULL
GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    op.create_table(
        'quotas',
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('running', sa.Integer(), nullable=True),
        sa.Column('queued', sa.Integer(), nullable=True),
        sa.Column('device_hours', sa.Double(), nullable=True),
        sa.Column('kept_bytes', sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'project')", name=op.f('ck_quotas_kind')),
        sa.CheckConstraint(
            'least(running, queued, device_hours, kept_bytes) >= 0', name=op.f('ck_quotas_not_negative')
        ),
        sa.PrimaryKeyConstraint('kind', 'name', name=op.f('pk_quotas')),
    )
    op.create_table(
        'usage',
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('person', sa.Text(), nullable=False),
        sa.Column('project', sa.Text(), nullable=False),
        sa.Column('device_s', sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint('month', 'person', 'project', name=op.f('pk_usage')),
    )
    op.execute(SPENT)
    op.add_column('runs', sa.Column('devices', sa.Integer(), server_default='1', nullable=False))
    # The trigger refuses changes to ended runs.
    op.execute("ALTER TABLE runs DISABLE TRIGGER USER")
    op.execute(
        "UPDATE runs SET devices = (spec ->> 'devices')::integer"
        " WHERE examination IS NULL AND (spec ->> 'devices')::integer > 1"
    )
    op.execute("ALTER TABLE runs ENABLE TRIGGER USER")
    op.drop_index('ix_runs_queued', table_name='runs')
    op.create_index(
        'ix_runs_queued', 'runs', COLUMNS,
        postgresql_include=['queue', 'not_before', 'rung_at', 'project', 'devices'], postgresql_where=QUEUED,
    )
    op.add_column('workers', sa.Column('devices', sa.Integer(), server_default='1', nullable=False))
    op.alter_column('workers', 'devices', server_default=None)


def downgrade() -> None:
    op.drop_column('workers', 'devices')
    op.drop_index('ix_runs_queued', table_name='runs')
    op.drop_column('runs', 'devices')
    op.create_index(
        'ix_runs_queued', 'runs', COLUMNS,
        postgresql_include=['queue', 'not_before', 'rung_at'], postgresql_where=QUEUED,
    )
    op.drop_table('usage')
    op.drop_table('quotas')
