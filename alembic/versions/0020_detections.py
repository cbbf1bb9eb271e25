"""Detections: the file that a detector's test saves beside its report

Revision: 0020, after 0019
"""

from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

ROLES = "role IN ('checkpoint', 'weights', 'report', 'picture'{})"


def upgrade() -> None:
    op.drop_constraint(op.f('ck_artifacts_role'), 'artifacts', type_='check')
    op.create_check_constraint(op.f('ck_artifacts_role'), 'artifacts', ROLES.format(", 'detections'"))


def downgrade() -> None:
    op.execute("DELETE FROM artifacts WHERE role = 'detections'")
    op.drop_constraint(op.f('ck_artifacts_role'), 'artifacts', type_='check')
    op.create_check_constraint(op.f('ck_artifacts_role'), 'artifacts', ROLES.format(''))
