"""People, projects and roles; keys and sessions that expire, are listed and know when they were last used

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

# Who had a key with the scope admin could do everything, and becomes an administrator. Everybody else could change
# everything, and becomes a member of every project: their own runs stay theirs to change.
KEPT = """
INSERT INTO people (name, is_administrator)
    SELECT owner, bool_or(is_administrator) FROM (
        SELECT owner, revoked_at IS NULL AND 'admin' = ANY(scopes) AS is_administrator FROM api_keys
        UNION ALL SELECT owner, false FROM runs
        UNION ALL SELECT owner, false FROM studies
        UNION ALL SELECT owner, false FROM datasets
    ) AS owners GROUP BY owner;
INSERT INTO projects (name) SELECT 'default' UNION SELECT project FROM runs;
INSERT INTO memberships (person, project, role) SELECT people.name, projects.name, 'member' FROM people, projects;
UPDATE studies SET project = first.project FROM (
    SELECT DISTINCT ON (study_id) study_id, project FROM study_members JOIN runs ON runs.id = run_id
    ORDER BY study_id, position, seed
) AS first WHERE first.study_id = studies.id;
UPDATE sessions SET owner = api_keys.owner FROM api_keys WHERE api_keys.id = key_id;
"""


def upgrade() -> None:
    op.create_table(
        'people',
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('is_administrator', sa.Boolean(), nullable=False),
        sa.Column('is_service', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('subject', sa.Text(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_people')),
        sa.UniqueConstraint('subject', name=op.f('uq_people_subject')),
    )
    op.create_table(
        'projects',
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('about', sa.Text(), server_default='', nullable=False),
        sa.Column('is_public', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_projects')),
    )
    op.create_table(
        'memberships',
        sa.Column('person', sa.Text(), nullable=False),
        sa.Column('project', sa.Text(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'member', 'maintainer')", name=op.f('ck_memberships_role')),
        sa.ForeignKeyConstraint(['person'], ['people.name'], ondelete='CASCADE', name=op.f('fk_memberships_person')),
        sa.ForeignKeyConstraint(
            ['project'], ['projects.name'], ondelete='CASCADE', name=op.f('fk_memberships_project')
        ),
        sa.PrimaryKeyConstraint('person', 'project', name=op.f('pk_memberships')),
    )
    op.add_column('api_keys', sa.Column('project', sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f('fk_api_keys_project'), 'api_keys', 'projects', ['project'], ['name'], ondelete='CASCADE'
    )
    op.add_column('api_keys', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('api_keys', sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        'sessions', sa.Column('id', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False)
    )
    op.add_column('sessions', sa.Column('owner', sa.Text(), nullable=True))
    op.add_column('sessions', sa.Column('name', sa.Text(), server_default='a browser', nullable=False))
    op.add_column(
        'sessions',
        sa.Column('last_used_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    )
    for table in ('studies', 'datasets'):
        op.add_column(table, sa.Column('project', sa.Text(), server_default='default', nullable=False))
        op.alter_column(table, 'project', server_default=None)
    op.execute(KEPT)
    op.alter_column('sessions', 'owner', nullable=False)
    op.alter_column('sessions', 'key_id', nullable=True)
    for table, column in (('people', 'is_service'), ('projects', 'about'), ('projects', 'is_public'),
                          ('sessions', 'id'), ('sessions', 'name')):
        op.alter_column(table, column, server_default=None)
    op.create_unique_constraint(op.f('uq_sessions_id'), 'sessions', ['id'])
    for table in ('api_keys', 'sessions'):
        op.create_foreign_key(op.f(f'fk_{table}_owner'), table, 'people', ['owner'], ['name'])


def downgrade() -> None:
    op.execute("DELETE FROM sessions WHERE key_id IS NULL")
    op.alter_column('sessions', 'key_id', nullable=False)
    for table in ('api_keys', 'sessions'):
        op.drop_constraint(op.f(f'fk_{table}_owner'), table, type_='foreignkey')
    op.drop_constraint(op.f('uq_sessions_id'), 'sessions', type_='unique')
    for table in ('studies', 'datasets'):
        op.drop_column(table, 'project')
    for column in ('id', 'owner', 'name', 'last_used_at'):
        op.drop_column('sessions', column)
    for column in ('project', 'expires_at', 'last_used_at'):
        op.drop_column('api_keys', column)
    for table in ('memberships', 'projects', 'people'):
        op.drop_table(table)
