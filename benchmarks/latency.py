"""latency: one order at a time on the idle system, POST until DELIVERED in the view, beside three Kafka hops.

Orders and hops take turns, so that both see the same machine.
"""

import asyncio
import time
from statistics import median

import aiohttp

from benchmarks.figures import Bar, Figure
from benchmarks.kafka_hops import KafkaHops
from benchmarks.rig import Rig
from benchmarks.scale import Scale

POLL_SECONDS = 0.002  # asked without a pause, information would answer questions instead of events
REST_SECONDS = 0.1
GIVE_UP_SECONDS = 30


async def latency(rig: Rig, scale: Scale) -> list[Figure]:
    orders, hops = [], []
    async with KafkaHops(rig.bootstrap) as kafka, aiohttp.ClientSession() as http:
        for sample in range(-scale.latency_samples // 5, scale.latency_samples):
            hop = await kafka.seconds()
            await asyncio.sleep(REST_SECONDS)
            order = await seconds_to_delivered(rig, http)
            await asyncio.sleep(REST_SECONDS)
            if sample >= 0:  # those below warm everything up
                hops.append(hop)
                orders.append(order)
    return [
        Figure(
            "latency: POST to DELIVERED in the view",
            f"{median(orders) * 1_000:.1f} ms",
            f"{median(hops) * 1_000:.1f} ms for three Kafka hops",
            median(orders) / median(hops),
            " x",
            Bar(4),
        )
    ]


async def seconds_to_delivered(rig: Rig, http: aiohttp.ClientSession) -> float:
    began = time.perf_counter()
    async with http.post(rig.url("rental"), json={"productId": rig.products.start, "qty": 1}) as answer:
        answer.raise_for_status()
        rental = await answer.json()
    view = f"{rig.url('information')}/{rental['id']}"
    while time.perf_counter() - began < GIVE_UP_SECONDS:
        async with http.get(view) as answer:
            if answer.ok and (await answer.json())["status"] == "DELIVERED":
                return time.perf_counter() - began
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError(f"order {rental['id']} is not DELIVERED after {GIVE_UP_SECONDS} s")
