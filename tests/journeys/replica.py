"""A second process of a service, beside the one that the stack runs, which nobody restarts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from local.guard import Guard
from local.http_ready import answers_ready
from local.ports import HOST, free_port
from local.process import Process
from local.services import Surroundings
from local.stack import Stack


@asynccontextmanager
async def replica(stack: Stack, name: str) -> AsyncIterator[Process]:
    """Run a replica until the end, unless it is killed before."""
    port = free_port()
    here = Surroundings(
        stack.ports,
        stack.bootstrap,
        {name: stack.database_url(name)},
        (stack.data_dir / "secrets" / "service-key").read_text().strip(),
        stack.data_dir,
    )
    program = here.program(stack.services[name], {"OA_PORT": str(port)})
    program = replace(
        program, log=stack.data_dir / f"{name}-replica.log", ready=partial(answers_ready, HOST, port)
    )
    async with Guard() as guard:
        process = Process(program, guard)
        await process.start()
        try:
            await process.wait_ready()
            yield process
        finally:
            await process.stop(5)
