"""Filters of metrics: which orders, lines or events one looks at, asked of each as it stands now, returns taken off."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rules import codegen, index
from rules.conditions import Condition, quantified, variables
from rules.facts import Catalogue
from rules.metrics import Metric

LINE_NAMES = frozenset(
    f"line_{name}" for name in ("sku", "brand", "category", "category_path", "tags", "quantity", "amount")
)
AMOUNTS = ("total", "paid", "net", "goods", "discount", "tax", "shipping", "quantity")
WORDS = ("currency", "channel", "store", "payment", "coupon")
SETS = ("skus", "brands", "categories", "category_paths", "tags")
ORDER_NAMES = frozenset(f"order_{name}" for name in (*AMOUNTS, *WORDS, *SETS))
PAID = "order.paid"


@dataclass(frozen=True)
class Filter:
    """A metric's condition, compiled: what it reads, and whether it asks about an order's lines."""

    condition: Condition
    names: frozenset[str]
    quantified: bool
    asked: index.Holds

    def holds(self, facts: codegen.Facts, line: codegen.Facts) -> bool:
        """Whether it lets one through."""
        return bool(self.asked(facts, line))


def kind_of(metric: Metric) -> str:
    """The kind of event whose variables a filter may ask."""
    return metric.type if metric.grain == "event" and metric.type is not None else PAID


def catalogue_for(metric: Metric, catalogue: Catalogue) -> Catalogue:
    """What a filter may ask: about the order and its lines, or about the event; and when it was."""
    event = metric.grain == "event"
    kind = kind_of(metric)
    found = {
        name: replace(one, nullable=True) if one.group == "payload" else one  # Older events may be without it.
        for name, one in catalogue.variables.items()
        if one.group == "time"
        or (event and one.group == "payload" and one.exists_on(kind))
        or (not event and name in ORDER_NAMES | LINE_NAMES)
    }
    return Catalogue(found, catalogue.kinds, catalogue.currency_scale)


def compiled(conditions: Mapping[str, Condition], metrics: Mapping[str, Metric]) -> dict[str, Filter]:
    """The filters of a programme by metric."""
    return {
        name: Filter(
            condition,
            frozenset(variables(condition)),
            quantified(condition),
            index.function([condition], kind_of(metrics[name])),
        )
        for name, condition in conditions.items()
    }
