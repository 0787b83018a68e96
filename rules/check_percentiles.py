"""What a programme's percentiles must keep to: a metric that all members can be asked for at once."""

from collections.abc import Iterator

from rules import exact
from rules.facts import RESERVED
from rules.faults import listed, shown
from rules.metrics import Metric
from rules.percentiles import TOP_DECIMALS, variable_of
from rules.programme import Programme

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def faults(document: Programme) -> Found:
    """The faults of `percentiles`."""
    ranked = [name for name, metric in document.metrics.items() if is_ranked(metric)]
    for key, one in document.percentiles.items():
        name = variable_of(key)
        if name in RESERVED or name in document.metrics:
            yield ("percentiles", key), "NAME_TAKEN", {"name": name}
        if exact.units(one.top, TOP_DECIMALS) is None:
            yield ("percentiles", key, "top"), "OUT_OF_RANGE", {"allowed": "0.01, 0.02 … 99.99"}
        if one.of not in document.metrics:
            yield ("percentiles", key, "of"), "METRIC_UNKNOWN", {"name": shown(one.of), "allowed": listed(ranked)}
        elif one.of not in ranked:
            yield ("percentiles", key, "of"), "METRIC_NOT_RANKED", {"name": one.of, "allowed": listed(ranked)}


def is_ranked(metric: Metric) -> bool:
    """Whether the figure is kept by day, over a window that is the same for everybody."""
    own = metric.over is not None and (metric.over.since or metric.over.anniversary) is not None
    return plain(metric) and not own


def plain(metric: Metric) -> bool:
    """Whether it says no more than how many orders or events, or how much was spent or earned."""
    given = metric.model_dump(exclude={"title", "wallet", "type", "over"}, exclude_none=True)
    return given in ({"count": "orders"}, {"count": "events"}, {"sum": "spend"}, {"sum": "earned"})
