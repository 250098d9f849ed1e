"""Commands: load, decide, evolve, save; each is one transaction."""

from datetime import UTC, datetime

from chassis.database import Connection, Database
from product import store
from product.domain.product import AdjustStock, Command, Product, Register, Revise, decide, evolve


async def register(database: Database, name: str, qty: int) -> Product:
    """Take a product into the catalogue."""

    async def work(connection: Connection) -> Product:
        command = Register(id=await store.next_id(connection), name=name, qty=qty)
        return await _carry_out(connection, None, command)

    return await database.run(work)


async def change(database: Database, product_id: int, command: Revise | AdjustStock) -> Product:
    """Revise a product or adjust its stock; raise LookupError where there is none."""

    async def work(connection: Connection) -> Product:
        return await _carry_out(connection, await store.load(connection, product_id), command)

    return await database.run(work)


async def _carry_out(connection: Connection, before: Product | None, command: Command) -> Product:
    facts = decide(before, command)
    after = before
    for fact in facts:
        after = evolve(after, fact)
    if after is None:
        raise LookupError("no such product")
    if facts:
        await store.save(connection, before, after, facts, datetime.now(UTC))
    return after
