"""What the tests have done by other processes: `python -m tests.models.workers <task> <url>`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from models.database import Database
from models.errors import Retryable
from models.sql import lock

TAKES = 150
DRAWS = 40


def say(*words: object) -> None:
    """Let the test know."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def take(db: Database) -> None:
    """Read what is left and write one less, 150 times, each in a transaction: no other process comes between."""
    for _ in range(TAKES):
        async with db.transaction() as connection:
            (row,) = await connection.rows(
                f'SELECT "left" FROM counters WHERE programme_id = 1 {lock(db.dialect, "FOR UPDATE")}'
            )
            await asyncio.sleep(0)
            await connection.run('UPDATE counters SET "left" = $1 WHERE programme_id = 1', row["left"] - 1)


async def draw(db: Database) -> None:
    """Draw numbers, one more each time, and say which."""
    for n in range(1, DRAWS + 1):
        async with db.transaction() as connection:
            say("event", *await connection.draw("event", n))
            say("position", *await connection.draw("position", n))


async def migrate(db: Database) -> None:
    """Migrate, and say what there was to do."""
    say(*await db.migrate())


async def hold(db: Database) -> None:
    """Hold the write lock, say so, and let go when told."""
    async with db.transaction() as connection:
        await connection.run('UPDATE counters SET "left" = "left" - 1')
        say("holding")
        await asyncio.to_thread(sys.stdin.readline)


async def try_to_take(db: Database) -> None:
    """Begin a transaction, and say what stands in the way."""
    try:
        async with db.transaction():
            say("begun")
    except Retryable as error:
        say(error.what)


TASKS: dict[str, Callable[[Database], Awaitable[None]]] = {
    each.__name__: each for each in (take, draw, migrate, hold, try_to_take)
}


async def main(task: str, url: str) -> None:
    """Open the database and do one of the tasks."""
    db = await Database.open(url)
    try:
        await TASKS[task](db)
    finally:
        await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
