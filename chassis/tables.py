"""The tables that every context has in its own database, beside its own."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


def messaging_tables(metadata: MetaData) -> None:
    """Add outbox, inbox and dead letters to a context's tables."""
    Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        # Version 7 grows with time, which keeps the consumers' inbox index dense.
        Column("event_id", Uuid, nullable=False, server_default=text("uuidv7()")),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("aggregate_version", BigInteger, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Column("traceparent", Text),
        Column("payload", Text, nullable=False),
    )
    Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        Index("ix_inbox_received_at", "received_at", postgresql_using="brin"),
    )
    Table(
        "dead_letters",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary),
        Column("headers", JSON, nullable=False),  # JSONB cannot hold a zero byte
        Column("reason", Text, nullable=False),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        UniqueConstraint("topic", "partition", "offset"),
        Index("ix_dead_letters_topic_key", "topic", "key"),
    )
