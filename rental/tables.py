"""The rows of the rental context's database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    Text,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from chassis.tables import NAMING, messaging_tables

metadata = MetaData(naming_convention=NAMING)
messaging_tables(metadata)


class Row(SQLModel):
    """A row of this context; its MetaData is its own, for every context has an outbox."""

    metadata = metadata


class RentalRow(Row, table=True):
    """The rentals; rental's own."""

    __tablename__ = "rentals"
    __table_args__ = (
        CheckConstraint("qty BETWEEN 1 AND 1000000", "qty_in_range"),
        CheckConstraint(
            "status IN ('ORDERED', 'DELIVERED', 'CANCELING', 'CANCELED',"
            " 'CANCELED_OutOfStock', 'CANCELED_UnregisteredProduct')",
            "status_known",
        ),
        CheckConstraint(
            "(status = 'CANCELING') = (cancel_id IS NOT NULL AND canceling_from IS NOT NULL"
            " AND cancel_due IS NOT NULL)",
            "canceling_has_an_attempt",
        ),
        Index("ix_rentals_cancel_due", "cancel_due", postgresql_where=text("cancel_due IS NOT NULL")),
    )

    id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    product_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    product_name: str | None = Field(sa_column=Column(Text))
    qty: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    delivery_id: int | None = Field(sa_column=Column(BigInteger))
    cancel_id: UUID | None = Field(sa_column=Column(Uuid))
    canceling_from: str | None = Field(sa_column=Column(Text))
    cancel_due: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    announced: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("1")))


class ProductCopyRow(Row, table=True):
    """What rental knows of the products. Two sources, each with its own columns and its own version."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint("available >= 0", "available_not_negative"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    name: str | None = Field(sa_column=Column(Text))
    initial_qty: int | None = Field(sa_column=Column(BigInteger))
    product_version: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    available: int | None = Field(sa_column=Column(BigInteger))
    stock_version: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
