"""The rows of the product context's database."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, MetaData, Text
from sqlmodel import Field, SQLModel

from chassis.tables import NAMING, messaging_tables

metadata = MetaData(naming_convention=NAMING)
messaging_tables(metadata)


class Row(SQLModel):
    """A row of this context; its MetaData is its own, for every context has an outbox."""

    metadata = metadata


class ProductRow(Row, table=True):
    """The catalogue; product's own."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("initial_qty >= 0", "initial_qty_not_negative"),
        CheckConstraint("units >= 0", "units_not_negative"),
        CheckConstraint("version >= 1", "version_counts"),
    )

    id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    initial_qty: int = Field(sa_column=Column(BigInteger, nullable=False))
    units: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class StockLevelRow(Row, table=True):
    """What delivery says of a product's stock; a copy that only its events write."""

    __tablename__ = "stock_levels"
    __table_args__ = (CheckConstraint("available >= 0 AND out >= 0", "not_negative"),)

    product_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    total: int = Field(sa_column=Column(BigInteger, nullable=False))
    out: int = Field(sa_column=Column(BigInteger, nullable=False))
    available: int = Field(sa_column=Column(BigInteger, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
