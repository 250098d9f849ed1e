"""Handle the dead letters of a service again, once their cause is mended: `python -m chassis.redrive rental`.

Each key's letters are handled in the order in which they came, with the ids that they came with. A key whose
first letter still cannot be handled is left as it is.
"""

import asyncio
import sys
from importlib import import_module

from chassis import deadletters
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.settings import settings


async def redrive(name: str) -> bool:
    """Redrive all dead letters of a service, saying what becomes of each key; tell whether none is left."""
    config = settings()
    database = Database(config.database_url.get_secret_value(), f"{name}-redrive", config.database_pool)
    await database.open()
    try:
        consumer = Consumer(config, database, name, import_module(f"{name}.consumers").SUBSCRIPTIONS)
        keys = await deadletters.waiting(database.pool)
        for topic, key, letters, reason in keys:
            try:
                done = await deadletters.redrive(database, topic, key, consumer.handle_record)
            except Exception as error:  # noqa: BLE001
                sys.stdout.write(f"{topic} {key!r}: still {letters} ({reason}); now {error!r}\n")
            else:
                sys.stdout.write(f"{topic} {key!r}: {done} handled\n")
        return not await deadletters.waiting(database.pool)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(redrive(sys.argv[1])) else 1)
