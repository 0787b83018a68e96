"""Work that a cancellation must not tear: a transaction is begun, committed or given back, or it is not."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(work: asyncio.Future[T] | Coroutine[Any, Any, T]) -> T:
    """Wait for `work` to its very end, however often the caller is cancelled; then let the cancellation go on.

    A client that hangs up cancels us between BEGIN and the block that would end it: the lock or the pooled connection
    would be lost for good.
    """
    future = asyncio.ensure_future(work)
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait((future,))  # Which, unlike awaiting it, never passes a cancellation on.
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        if not future.cancelled():
            future.exception()  # Seen: the cancellation is what the caller hears of.
        raise asyncio.CancelledError
    return future.result()
