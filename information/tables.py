"""The rows of the information context's database: one read view."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Computed, DateTime, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from chassis.tables import NAMING, messaging_tables

metadata = MetaData(naming_convention=NAMING)
messaging_tables(metadata)

# What happened is a set, so any order of arrival ends in the same status.
STATUS = """
    CASE WHEN history ? 'RentalCanceled' OR history ? 'DeliveryCanceled' THEN 'CANCELED'
         WHEN history ? 'OutOfStockRentalCanceled' THEN 'CANCELED_OutOfStock'
         WHEN history ? 'UnregisteredProductRentalCanceled' THEN 'CANCELED_UnregisteredProduct'
         WHEN history ? 'Delivered' THEN 'DELIVERED'
         ELSE 'ORDERED' END
"""
DELIVERY_STATUS = """
    CASE WHEN history ? 'DeliveryCanceled' THEN 'CANCELED'
         WHEN history ? 'OutOfStockRentalCanceled' THEN 'CANCELED_OutOfStock'
         WHEN history ? 'UnregisteredProductRentalCanceled' THEN 'CANCELED_UnregisteredProduct'
         WHEN history ? 'Delivered' THEN 'DELIVERED' END
"""


class Row(SQLModel):
    """A row of this context; its MetaData is its own, for every context has an outbox."""

    metadata = metadata


class MyOrderRow(Row, table=True):
    """How an order stands. `history` has an entry per kind of event; the statuses follow from it."""

    __tablename__ = "my_orders"

    rental_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    product_id: int | None = Field(sa_column=Column(BigInteger))
    product_name: str | None = Field(sa_column=Column(Text))
    qty: int | None = Field(sa_column=Column(BigInteger))
    delivery_id: int | None = Field(sa_column=Column(BigInteger))
    ordered_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    history: dict[str, Any] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    status: str = Field(sa_column=Column(Text, Computed(STATUS, persisted=True), nullable=False))
    delivery_status: str | None = Field(sa_column=Column(Text, Computed(DELIVERY_STATUS, persisted=True)))
