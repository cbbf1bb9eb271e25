"""Detectors: the columns of their losses of their average precisions, and data sets with boxes

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

LOSSES = ('rpn_class_loss', 'rpn_box_loss', 'class_loss', 'box_loss', 'foreground')
PRECISIONS = ('map', 'map_50', 'map_50_95')
RESULTS = ('val_map', 'best_val_map', 'test_map', 'best_test_map')


def upgrade() -> None:
    for name in LOSSES:
        op.add_column('step_chunks', sa.Column(name, sa.LargeBinary(), nullable=True))
    op.alter_column('step_chunks', 'error', nullable=True)
    op.drop_constraint(op.f('ck_step_chunks_columns_are_full'), 'step_chunks', type_='check')
    full = ' AND '.join(f'octet_length({name}) = 4 * count' for name in ('loss', 'lr', 'error', *LOSSES))
    # NOT VALID and then VALIDATE would only spare a lock: the rows satisfy both.
    op.create_check_constraint(op.f('ck_step_chunks_columns_are_full'), 'step_chunks', f'count > 0 AND {full}')
    op.create_check_constraint(
        op.f('ck_step_chunks_columns_of_one_task'), 'step_chunks',
        f"num_nonnulls({', '.join(LOSSES)}) = CASE WHEN error IS NULL THEN {len(LOSSES)} ELSE 0 END",
    )
    for name in PRECISIONS:
        op.add_column('evaluations', sa.Column(name, sa.Double(), nullable=True))
    op.add_column('evaluations', sa.Column('ap', postgresql.JSONB(), nullable=True))
    op.add_column('evaluations', sa.Column('detections', sa.Integer(), nullable=True))
    op.alter_column('evaluations', 'error', nullable=True)
    op.create_check_constraint(op.f('ck_evaluations_of_one_task'), 'evaluations', 'num_nonnulls(error, map) = 1')
    op.create_check_constraint(
        op.f('ck_evaluations_average_precisions_are_whole'), 'evaluations',
        'num_nonnulls(map, map_50, map_50_95, ap, detections) IN (0, 5)',
    )
    for name in RESULTS:
        op.add_column('runs', sa.Column(name, sa.Double(), nullable=True))
    op.add_column('datasets', sa.Column('annotation', postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM runs WHERE spec ->> 'task' = 'detection'")
    op.execute("DELETE FROM datasets WHERE annotation IS NOT NULL")
    op.drop_column('datasets', 'annotation')
    for name in RESULTS:
        op.drop_column('runs', name)
    op.drop_constraint(op.f('ck_evaluations_average_precisions_are_whole'), 'evaluations', type_='check')
    op.drop_constraint(op.f('ck_evaluations_of_one_task'), 'evaluations', type_='check')
    op.alter_column('evaluations', 'error', nullable=False)
    for name in (*PRECISIONS, 'ap', 'detections'):
        op.drop_column('evaluations', name)
    op.drop_constraint(op.f('ck_step_chunks_columns_of_one_task'), 'step_chunks', type_='check')
    op.drop_constraint(op.f('ck_step_chunks_columns_are_full'), 'step_chunks', type_='check')
    op.alter_column('step_chunks', 'error', nullable=False)
    for name in LOSSES:
        op.drop_column('step_chunks', name)
    full = ' AND '.join(f'octet_length({name}) = 4 * count' for name in ('loss', 'error', 'lr'))
    op.create_check_constraint(op.f('ck_step_chunks_columns_are_full'), 'step_chunks', f'count > 0 AND {full}')
