"""The log: one JSON object a line, with the fields that were named and no others."""

import logging
import sys
from copy import copy
from typing import Any, Final

import structlog
from structlog.typing import EventDict

FIELDS: Final = (
    "at", "code", "error_id", "kind", "method", "ms", "operation", "path", "request_id", "status", "type",
)  # fmt: skip


class Lines(structlog.stdlib.ProcessorFormatter):
    """One line a record, whatever another handler has made of it."""

    def format(self, record: logging.LogRecord) -> str:
        """Without the text of an exception that somebody has formatted before."""
        record = copy(record)
        record.exc_text = None
        return super().format(record)


def configure(level: str = "info") -> None:
    """Everything that is logged, by us or by what we stand on, goes through one formatter."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    extra = structlog.stdlib.ExtraAdder(allow=FIELDS)
    handler.setFormatter(
        Lines(
            foreign_pre_chain=[*shared, extra, _defect],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("uvicorn.access").disabled = True  # The line of ours says it without the address.


def _defect(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Of an exception its type and where it was raised: its text may quote what nobody should read."""
    from schema.build import where

    cause = event.pop("exc_info", None)
    if isinstance(cause, tuple):
        cause = cause[1]
    if isinstance(cause, BaseException):
        event.update(type=type(cause).__name__, at=where(cause))
    return event
