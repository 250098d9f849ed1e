"""The rows of the delivery context's database."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, MetaData, Text, text
from sqlmodel import Field, SQLModel

from chassis.tables import NAMING, messaging_tables

metadata = MetaData(naming_convention=NAMING)
messaging_tables(metadata)


class Row(SQLModel):
    """A row of this context; its MetaData is its own, for every context has an outbox."""

    metadata = metadata


class DeliveryRow(Row, table=True):
    """The deliveries, one per rental. A row without a product is a tombstone."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("qty >= 0", "qty_not_negative"),
        CheckConstraint(
            "status IN ('WAITING', 'DELIVERED', 'CANCELED',"
            " 'CANCELED_OutOfStock', 'CANCELED_UnregisteredProduct')",
            "status_known",
        ),
        CheckConstraint("product_id IS NOT NULL OR status = 'CANCELED'", "tombstone_is_canceled"),
        Index("ix_deliveries_waiting", "product_id", postgresql_where=text("status = 'WAITING'")),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    product_id: int | None = Field(sa_column=Column(BigInteger))
    qty: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str = Field(sa_column=Column(Text, nullable=False))
    decide_by: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    announced: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class StockRow(Row, table=True):
    """The stock of each product; delivery is its only judge."""

    __tablename__ = "stocks"
    __table_args__ = (CheckConstraint("units >= 0 AND out >= 0", "not_negative"),)

    product_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    units: int = Field(sa_column=Column(BigInteger, nullable=False))
    out: int = Field(sa_column=Column(BigInteger, nullable=False))
    product_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    announced: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
