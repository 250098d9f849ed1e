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
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("initial_qty", sa.BigInteger(), nullable=True),
        sa.Column("product_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=True),
        sa.Column("stock_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("available >= 0", name=op.f("ck_products_available_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_table(
        "rentals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("product_name", sa.Text(), nullable=True),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("cancel_id", sa.Uuid(), nullable=True),
        sa.Column("canceling_from", sa.Text(), nullable=True),
        sa.Column("cancel_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(status = 'CANCELING') = (cancel_id IS NOT NULL AND canceling_from IS NOT NULL AND cancel_due IS NOT NULL)",
            name=op.f("ck_rentals_canceling_has_an_attempt"),
        ),
        sa.CheckConstraint(
            "status IN ('ORDERED', 'DELIVERED', 'CANCELING', 'CANCELED', 'CANCELED_OutOfStock', 'CANCELED_UnregisteredProduct')",
            name=op.f("ck_rentals_status_known"),
        ),
        sa.CheckConstraint("qty BETWEEN 1 AND 1000000", name=op.f("ck_rentals_qty_in_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rentals")),
    )
    op.create_index(
        "ix_rentals_cancel_due",
        "rentals",
        ["cancel_due"],
        unique=False,
        postgresql_where=sa.text("cancel_due IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_rentals_cancel_due", table_name="rentals", postgresql_where=sa.text("cancel_due IS NOT NULL")
    )
    op.drop_table("rentals")
    op.drop_table("products")
    messaging_v1.drop()
