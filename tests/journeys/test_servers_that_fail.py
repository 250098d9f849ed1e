"""What orders live on: a broker and a database that are killed, and a row that somebody does not let go."""

from tests.journeys.load import Customers, decided_once, ordering, three_products
from tests.journeys.system import System
from tests.support.eventually import eventually

ORDERS = 450


async def test_orders_are_taken_while_the_broker_is_dead_and_outlive_rental(system: System) -> None:
    system.must_run("kafka")
    products = await three_products(system)
    customers = Customers(system, products, ORDERS)
    async with ordering(customers):
        await customers.have(ORDERS // 5)
        await system.stack.kill("kafka")
        await system.stack.stop_service("kafka")  # or it would be restarted
    assert customers.in_vain == 0, "rental refused orders while the broker was dead"
    await system.stack.kill("rental")
    await system.stack.wait_ready("rental")
    await system.stack.start_server("kafka")
    await decided_once(system, customers.acknowledged, products)


async def test_an_acknowledged_order_survives_the_death_of_the_database(system: System) -> None:
    system.must_run("postgres")
    products = await three_products(system)
    customers = Customers(system, products, ORDERS)
    async with ordering(customers):
        await customers.have(ORDERS // 3)
        await system.stack.kill("postgres")
        await system.stack.wait_ready("postgres")
    assert customers.in_vain > 0, "it was not under load when it was killed"
    await decided_once(system, customers.acknowledged, products)


async def test_a_row_that_is_locked_for_long_costs_no_order(system: System) -> None:
    product = await system.register(9)
    await system.stock_becomes(9, product)
    attempts: set[object] = set()

    async def tried_for_long() -> None:
        waiting = "SELECT pid, query_start FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        attempts.update(tuple(row.values()) for row in await system.rows("delivery", waiting))
        given_up = await system.rows("delivery", "SELECT reason FROM dead_letters")
        assert given_up or len(attempts) > 2, f"delivery has tried {len(attempts)} times to lock the stock"

    async with system.transaction("delivery") as connection:
        await connection.execute("SELECT * FROM stocks WHERE product_id = $1 FOR UPDATE", product)
        rental = await system.order(product, 2)
        await eventually(tried_for_long, 40)

    await system.becomes("DELIVERED", rental)
