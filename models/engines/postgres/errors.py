"""Our own words for what PostgreSQL and its driver complain of."""

import asyncpg

from models.errors import ConstraintBroken, DatabaseError, Retryable, Unavailable, What, broken

FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

RETRYABLE: dict[type[Exception], What] = {
    asyncpg.DeadlockDetectedError: "deadlock",
    asyncpg.LockNotAvailableError: "lock",
    asyncpg.SerializationError: "serialization",
}
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,  # The server goes down, or a statement took too long.
    asyncpg.PostgresSystemError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
# The driver has one class for a lost connection and for a misused one; its words tell them apart. The pool takes a lost
# connection back by itself; that a transaction of ours has ended is seen before the driver is asked.
_LOST = ("connection is closed", "connection was closed", "connection has been released", "pool is clos")


def named(error: BaseException) -> DatabaseError:
    """What the callers of this floor are told."""
    for kind, what in RETRYABLE.items():
        if isinstance(error, kind):
            return Retryable(what, str(error))
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return ConstraintBroken(broken(error))
    if isinstance(error, GONE) or any(words in str(error) for words in _LOST):
        return Unavailable(str(error) or type(error).__name__)
    return DatabaseError(str(error))
