"""The first schema."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import messaging_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    messaging_v1.create()
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "product_id IS NOT NULL OR status = 'CANCELED'", name=op.f("ck_deliveries_tombstone_is_canceled")
        ),
        sa.CheckConstraint(
            "status IN ('WAITING', 'DELIVERED', 'CANCELED', 'CANCELED_OutOfStock', 'CANCELED_UnregisteredProduct')",
            name=op.f("ck_deliveries_status_known"),
        ),
        sa.CheckConstraint("qty >= 0", name=op.f("ck_deliveries_qty_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["product_id"],
        unique=False,
        postgresql_where=sa.text("status = 'WAITING'"),
    )
    op.create_table(
        "stocks",
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("out", sa.BigInteger(), nullable=False),
        sa.Column("product_version", sa.BigInteger(), nullable=False),
        sa.Column("announced", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units >= 0 AND out >= 0", name=op.f("ck_stocks_not_negative")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_stocks")),
    )


def downgrade() -> None:
    op.drop_table("stocks")
    op.drop_index(
        "ix_deliveries_waiting", table_name="deliveries", postgresql_where=sa.text("status = 'WAITING'")
    )
    op.drop_table("deliveries")
    messaging_v1.drop()
