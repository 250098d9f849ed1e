"""The first schema."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import messaging_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    messaging_v1.create()
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initial_qty", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("initial_qty >= 0", name=op.f("ck_products_initial_qty_not_negative")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_products_units_not_negative")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_products_version_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_table(
        "stock_levels",
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("out", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("available >= 0 AND out >= 0", name=op.f("ck_stock_levels_not_negative")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_stock_levels")),
    )


def downgrade() -> None:
    op.drop_table("stock_levels")
    op.drop_table("products")
    messaging_v1.drop()
