"""The limit: the least that a durable order can cost in this stack, one FastAPI route and one transaction.

No domain, no relay, no checks beyond the body model. Nothing built on FastAPI and asyncpg can be faster,
so rental's own throughput is shown as a share of this one.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

TABLES = """
CREATE TABLE IF NOT EXISTS rental (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL, qty integer NOT NULL, status text NOT NULL, product_name text);
CREATE TABLE IF NOT EXISTS outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL, type text NOT NULL, body text NOT NULL, at timestamptz NOT NULL);
"""
INSERT_RENTAL = (
    "INSERT INTO rental (product_id, qty, status, product_name) VALUES ($1, $2, $3, $4) RETURNING id"
)
INSERT_EVENT = "INSERT INTO outbox (key, type, body, at) VALUES ($1, $2, $3, $4)"


class Order(BaseModel):
    product_id: int = Field(alias="productId")
    qty: Annotated[int, Field(ge=1, le=1_000_000)]
    status: Literal["ORDERED"] = "ORDERED"
    product_name: str | None = Field(default=None, alias="productName")


class Rental(BaseModel):
    id: int
    productId: int  # noqa: N815  (the answer's own spelling)
    qty: int
    status: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["LIMIT_DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/rentals", status_code=201)
async def order(body: Order, request: Request) -> Rental:
    async with request.app.state.pool.acquire() as db, db.transaction():
        rental_id = await db.fetchval(
            INSERT_RENTAL, body.product_id, body.qty, body.status, body.product_name
        )
        event = body.model_dump_json(by_alias=True)
        await db.execute(INSERT_EVENT, str(rental_id), "RentalOrdered", event, datetime.now(UTC))
    return Rental(id=rental_id, productId=body.product_id, qty=body.qty, status=body.status)


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["LIMIT_PORT"]), loop="uvloop", http="httptools",
        log_level="warning", access_log=False,
    )  # fmt: skip
