"""What the `business-rules` package itself documents, run by it and by us: its README of 1.1.1."""

import itertools
from typing import Any

import pytest
from business_rules import export_rule_data, run_all
from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_NUMERIC
from business_rules.variables import BaseVariables, numeric_rule_variable, select_rule_variable, string_rule_variable

from rules.compile import compile_checked
from rules.effects import SendMessage
from rules.library import exported
from rules.ruleset import Ruleset
from tests.rules.lab import Document, asks, decided, folder, looked_at, policy, words

KIND = "product.checked"
GOODS = ["Eggnog", "Cookies", "Beef Jerkey"]
# The rules of its page; the second as its comment says it, for as it is printed there it is no Python.
RULES: list[Document] = [
    {
        "conditions": {"all": [asks("expiration_days", "less_than", 5), asks("current_inventory", "greater_than", 20)]},
        "actions": [{"name": "put_on_sale", "params": {"sale_percentage": 0.25}}],
    },
    {
        "conditions": {
            "any": [
                asks("current_inventory", "less_than", 5),
                {"all": [asks("current_month", "equal_to", "December"), asks("current_inventory", "less_than", 20)]},
            ]
        },
        "actions": [{"name": "order_more", "params": {"number_to_order": 40}}],
    },
    # Not on the page as a rule, but its variable is.
    {
        "conditions": {"all": [asks("goes_well_with", "contains", "Eggnog")]},
        "actions": [{"name": "order_more", "params": {"number_to_order": 1}}],
    },
]


class ProductVariables(BaseVariables):  # type: ignore[misc] # The library has no types.
    """As on its page, the product being a mapping."""

    def __init__(self, product: Document) -> None:
        self.product = product

    @numeric_rule_variable
    def current_inventory(self) -> Any:
        return self.product["current_inventory"]

    @numeric_rule_variable(label="Days until expiration")
    def expiration_days(self) -> Any:
        return self.product["expiration_days"]

    @string_rule_variable()
    def current_month(self) -> Any:
        return self.product["current_month"]

    @select_rule_variable(options=GOODS)
    def goes_well_with(self) -> Any:
        return self.product["goes_well_with"]


class ProductActions(BaseActions):  # type: ignore[misc]
    """As on its page, noting what was done."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []

    @rule_action(params={"sale_percentage": FIELD_NUMERIC})
    def put_on_sale(self, sale_percentage: float) -> None:
        self.done.append(("put-on-sale", str(sale_percentage)))

    @rule_action(params={"number_to_order": FIELD_NUMERIC})
    def order_more(self, number_to_order: int) -> None:
        self.done.append(("order-more", str(number_to_order)))


def ours(*, first_only: bool = False) -> Ruleset:
    """The same rules as policies on a declared event; what they do is a message."""
    policies = {}
    for number, rule in enumerate(RULES):
        ((_, value),) = rule["actions"][0]["params"].items()
        template = rule["actions"][0]["name"].replace("_", "-")
        stacking = {"stacking": {"group": "one", "mode": "exclusive"}} if first_only else {}
        action = ("send_message", {"template": template, "params": {"value": str(value)}})
        policies[f"r{number}"] = policy(
            action, on=KIND, conditions=said(rule["conditions"]), priority=-number, **stacking
        )
    documents = folder(**policies)
    documents["programme"]["event_types"][KIND] = {
        "title": words("Product"),
        "schema": {
            "type": "object",
            "properties": {
                "current_inventory": {"type": "integer"},
                "expiration_days": {"type": "integer"},
                "current_month": {"type": "string"},
                "goes_well_with": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["current_inventory", "expiration_days", "current_month", "goes_well_with"],
            "additionalProperties": False,
        },
    }
    return compile_checked(looked_at(documents))


def said(asked: Document) -> Document:
    """A condition of its page over our names: what an event carries is `payload_…`."""
    for word in ("all", "any"):
        if word in asked:
            return {word: [said(part) for part in asked[word]]}
    return {**asked, "name": f"payload_{asked['name']}"}


PRODUCTS: list[Document] = [
    {"current_inventory": stock, "expiration_days": days, "current_month": month, "goes_well_with": goods}
    for stock, days, month, goods in itertools.product(
        (0, 4, 5, 19, 20, 21), (4, 5), ("December", "May"), ((), ("Cookies",), ("Cookies", "Eggnog"))
    )
]


@pytest.mark.parametrize("first_only", [False, True], ids=["all of them", "stop_on_first_trigger"])
def test_the_rules_of_its_page_do_with_us_what_they_do_with_it(first_only):
    ruleset, seen = ours(first_only=first_only), set()
    for product in PRODUCTS:
        actions = ProductActions()
        run_all(RULES, ProductVariables(product), actions, stop_on_first_trigger=first_only)

        verdict = decided(ruleset, KIND, **{f"payload_{name}": value for name, value in product.items()})

        sent = [(one.template, one.params["value"]) for one in verdict.effects if isinstance(one, SendMessage)]
        assert sent == actions.done
        seen.add(tuple(sent))
    # On sale, more of it or neither; each with Eggnog or without, unless the first alone counts.
    assert len(seen) == (4 if first_only else 6)


def test_what_it_exports_for_editors_is_exported_of_ours_in_the_same_form():
    theirs = export_rule_data(ProductVariables, ProductActions)
    data = exported(ours().definitions.catalogue)

    assert theirs.keys() == data.keys() == {"variables", "actions", "variable_type_operators"}
    for name in ("variables", "actions"):
        assert {frozenset(one) for one in data[name]} == {frozenset(one) for one in theirs[name]}
    numeric = {one["name"] for one in theirs["variable_type_operators"]["numeric"]}
    assert numeric <= {one["name"] for one in data["variable_type_operators"]["number"]}
