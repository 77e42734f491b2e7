"""A pool of store connections at which a burst stands in line, first come first served.

The library's ordinary pool refuses whoever comes when all its connections are in use, which looks like a store out of
reach. Its blocking pool lets newcomers overtake those who wait, so that under load the first wait until they time out.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError

Connection = Any  # the library's own class for it is private


class WaitingPool(ConnectionPool):
    """At most `max_connections` at once; the rest waits its turn.

    Args:
        places: How many connections there are.
        in_line_s: How long anybody waits for one.
        options: What the library's pool takes.
    """

    def __init__(self, *, places: int = 64, in_line_s: float = 5.0, **options: Any) -> None:
        super().__init__(max_connections=places, **options)
        self._places = asyncio.Semaphore(places)
        self._in_line_s = in_line_s
        self._holders: set[Connection] = set()

    async def get_connection(self, *args: Any, **options: Any) -> Connection:
        """A connection.

        Raises:
            redis.exceptions.ConnectionError: None became free in time, or none could be made.
        """
        try:
            async with asyncio.timeout(self._in_line_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise RedisConnectionError("no connection became free in time") from error
        try:
            connection = await super().get_connection(*args, **options)  # type: ignore[no-untyped-call]
        except BaseException:
            self._places.release()
            raise
        self._holders.add(connection)
        return connection

    async def release(self, connection: Connection) -> None:
        """Gives a connection back, and its place to the next in line."""
        try:
            await super().release(connection)
        finally:
            if connection in self._holders:  # not when the library gives back one that never got as far
                self._holders.remove(connection)
                self._places.release()
