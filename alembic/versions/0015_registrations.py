"""Registrations of studies: signed before the first run exists, and never changed or deleted

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

# No role owns the table, so none can disable the trigger. There is no foreign key to studies: a registration is
# written before its study, and stays when the study is deleted.
GUARD = """
CREATE FUNCTION guard_registrations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'study %: a registration cannot be changed or deleted', OLD.study_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM study_members WHERE study_id = NEW.study_id) THEN
        RAISE EXCEPTION 'study %: a study with runs cannot be registered', NEW.study_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_registrations BEFORE INSERT OR UPDATE OR DELETE ON study_registrations
    FOR EACH ROW EXECUTE FUNCTION guard_registrations();
"""


def upgrade() -> None:
    op.create_table(
        'study_registrations',
        sa.Column('study_id', sa.Uuid(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.Column('signature', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('study_id', name=op.f('pk_study_registrations')),
    )
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_table('study_registrations')
    op.execute("DROP FUNCTION guard_registrations()")
