"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import messaging_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    messaging_v1.create()
    op.create_table(
        "my_orders",
        sa.Column("rental_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("product_name", sa.Text(), nullable=True),
        sa.Column("qty", sa.BigInteger(), nullable=True),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "history",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Text(),
            sa.Computed(
                "\n    CASE WHEN history ? 'RentalCanceled' OR history ? 'DeliveryCanceled' THEN 'CANCELED'\n         WHEN history ? 'OutOfStockRentalCanceled' THEN 'CANCELED_OutOfStock'\n         WHEN history ? 'UnregisteredProductRentalCanceled' THEN 'CANCELED_UnregisteredProduct'\n         WHEN history ? 'Delivered' THEN 'DELIVERED'\n         ELSE 'ORDERED' END\n",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "delivery_status",
            sa.Text(),
            sa.Computed(
                "\n    CASE WHEN history ? 'DeliveryCanceled' THEN 'CANCELED'\n         WHEN history ? 'OutOfStockRentalCanceled' THEN 'CANCELED_OutOfStock'\n         WHEN history ? 'UnregisteredProductRentalCanceled' THEN 'CANCELED_UnregisteredProduct'\n         WHEN history ? 'Delivered' THEN 'DELIVERED' END\n",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("rental_id", name=op.f("pk_my_orders")),
    )


def downgrade() -> None:
    op.drop_table("my_orders")
    messaging_v1.drop()
