"""Commands: load, decide, evolve, save; one order, or a batch of them, is one transaction."""

from collections.abc import Sequence
from datetime import timedelta

from chassis import tracing
from chassis.database import Connection, Database
from chassis.message import Message
from chassis.settings import settings
from delivery import store, warehouse
from delivery.domain.delivery import CancelDelivery, DecideHeld, Delivery, PlaceOrder
from delivery.domain.stock import follow_product
from shared_events.product import ProductSaved, StockAdjusted
from shared_events.rental import RentalOrdered


async def decide_orders(connection: Connection, messages: Sequence[Message[RentalOrdered]]) -> None:
    """Deliver orders from stock, refuse them, or let them wait a moment for their product."""
    deliveries = await store.load_deliveries(connection, (m.event.rental_id for m in messages))
    house = await warehouse.open_for(connection, deliveries, (m.event.product_id for m in messages))
    for message in messages:
        order = message.event
        command = PlaceOrder(
            rental_id=order.rental_id,
            product_id=order.product_id,
            qty=order.qty,
            product_known=order.product_known,
        )
        house.carry_out(command, order.product_id, _grace(), message.envelope.traceparent)
    await house.save(connection)


async def follow_products(
    connection: Connection, messages: Sequence[Message[ProductSaved | StockAdjusted]]
) -> None:
    """Keep the stock as product tells, and decide the orders that waited for a product."""
    product_ids = {message.event.product_id for message in messages}
    waiting = await store.load_waiting_for(connection, product_ids)
    house = await warehouse.open_for(connection, waiting, product_ids)
    for message in messages:
        product_id = message.event.product_id
        stock = follow_product(
            house.stocks.get(product_id), message.event, message.envelope.aggregate_version
        )
        if stock is not None:
            house.stocks[product_id] = stock
    for held in waiting.values():
        _look_again(house, held, product_surely_unknown=False)
    await house.save(connection)


async def decide_held(database: Database, rental_ids: Sequence[int]) -> None:
    """Decide orders whose product surely does not come, or came meanwhile."""

    async def work(connection: Connection) -> None:
        held = await store.load_deliveries(connection, rental_ids)
        house = await warehouse.open_for(connection, held, ())
        for delivery in held.values():
            _look_again(house, delivery, product_surely_unknown=True)
        await house.save(connection)

    await database.run(work)


async def cancel(database: Database, rental_id: int) -> Delivery:
    """Cancel a delivery and give its stock back; leave a tombstone where the order has not come yet."""

    async def work(connection: Connection) -> Delivery:
        deliveries = await store.load_deliveries(connection, [rental_id])
        house = await warehouse.open_for(connection, deliveries, ())
        known = deliveries.get(rental_id)
        house.carry_out(
            CancelDelivery(rental_id=rental_id),
            known.product_id if known else None,
            _grace(),
            tracing.current(),
        )
        await house.save(connection)
        return house.deliveries[rental_id]

    return await database.run(work)


def _look_again(house: warehouse.Warehouse, held: Delivery, *, product_surely_unknown: bool) -> None:
    command = DecideHeld(rental_id=held.id, product_surely_unknown=product_surely_unknown)
    house.carry_out(command, held.product_id, _grace(), tracing.current())


def _grace() -> timedelta:
    return timedelta(seconds=settings().grace_seconds)
