"""What one transaction looks at and changes: some deliveries, and the stocks of their products."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from chassis.database import Connection
from chassis.outbox import Announcement
from delivery import store
from delivery.domain.delivery import Case, Command, Delivery, OrderHeld, decide, evolve
from delivery.domain.stock import Stock


class Warehouse:
    """Deliveries and stocks as they were loaded, as they are now, and what there is to announce."""

    def __init__(self, deliveries: Mapping[int, Delivery], stocks: Mapping[int, Stock]) -> None:
        self._loaded_deliveries = deliveries
        self._loaded_stocks = stocks
        self.deliveries = dict(deliveries)
        self.stocks = dict(stocks)
        self.now = datetime.now(UTC)
        self._announcements: list[Announcement] = []
        self._trace: str | None = None

    def carry_out(
        self, command: Command, product_id: int | None, grace: timedelta, trace: str | None
    ) -> None:
        """Decide a command and let what follows change the delivery and the stock."""
        self._trace = trace
        case = Case(self.deliveries.get(command.rental_id), self.stocks.get(product_id or 0))
        for fact in decide(case, command, self.now, grace):
            case = evolve(case, fact)
            if case.delivery is None:
                raise ValueError("a fact about no delivery")
            self.deliveries[case.delivery.id] = case.delivery
            if case.stock is not None:
                self.stocks[case.stock.product_id] = case.stock
            if not isinstance(fact, OrderHeld):
                self._announcements.append(Announcement(fact, case.delivery.announced, self.now, trace))

    async def save(self, connection: Connection) -> None:
        """Save what changed. A stock that changed many times is announced once, as it stands at the end."""
        deliveries = [d for d in self.deliveries.values() if d is not self._loaded_deliveries.get(d.id)]
        stocks = [
            self._announced(s) for s in self.stocks.values() if s is not self._loaded_stocks.get(s.product_id)
        ]
        await store.save(
            connection,
            sorted(deliveries, key=lambda delivery: delivery.id),
            sorted(stocks, key=lambda stock: stock.product_id),
            self._announcements,
        )

    def _announced(self, stock: Stock) -> Stock:
        before = self._loaded_stocks.get(stock.product_id)
        if before is not None and before.changed() == stock.changed():
            return stock
        stock = stock.model_copy(update={"announced": stock.announced + 1})
        self._announcements.append(Announcement(stock.changed(), stock.announced, self.now, self._trace))
        return stock


async def open_for(
    connection: Connection, deliveries: Mapping[int, Delivery], product_ids: Iterable[int | None]
) -> Warehouse:
    """Open the warehouse on deliveries that were loaded, and the stocks of these products and theirs."""
    wanted = {*product_ids, *(delivery.product_id for delivery in deliveries.values())} - {None}
    return Warehouse(deliveries, await store.load_stocks(connection, {p for p in wanted if p is not None}))
