"""Plays what a reader types: a line of HTTPie, with the ports of the documents."""

import httpx2

from tests.journeys.system import System

PORTS = {8080: "gateway", 8081: "product", 8082: "rental", 8083: "delivery", 8084: "information"}
HEADERS = {"Accept": "application/json, */*;q=0.5", "User-Agent": "HTTPie/3.2"}


async def play(system: System, line: str) -> httpx2.Response:
    """Send what HTTPie would send: `name=value` makes a JSON body in which every value is a string."""
    method, address, *fields = line.split()
    port, slash, path = address.removeprefix(":").partition("/")
    url = system.stack.urls[PORTS[int(port)]] + slash + path
    body = dict(field.split("=", 1) for field in fields) or None
    return await system.http.request(method, url, headers=HEADERS, json=body)
