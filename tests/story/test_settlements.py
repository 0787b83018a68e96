"""A month between partners, as GraphQL tells it: sums, lines by page, disputes and their answers."""

from tests.story.test_tills import buys, coffee, consents, pass_of, redeem

MONTH = """query ($after: String) { partnerSettlement(month: "2026-11") {
  partner month closedAt exactBalance owedToPartner { amount } owedByPartner { amount }
  sums { kind benefit rate count quantity amount }
  lines(first: 2, after: $after) { hasNextPage endCursor nodes { id kind reference redemption benefit reason } } } }"""
OPEN = """mutation ($input: PartnerDisputeOpenInput!) { partnerDisputeOpen(input: $input) {
  replayed dispute { id month lines state answer } userErrors { code field } } }"""
ANSWER = """mutation ($input: SettlementDisputeAnswerInput!) { settlementDisputeAnswer(input: $input) {
  dispute { state answer } userErrors { code field } } }"""
STAFF = """{ settlements(month: "2026-11") { partner exactBalance lines { nodes { kind } } }
  settlementDisputes(partner: "coffee-house") { id state } }"""


async def a_month(shop, lin):
    """A coffee used, and a purchase of ¥100 at the coffee house."""
    await consents(shop, lin)
    used = (await redeem(shop, await coffee(shop))).payload["redemption"]
    await buys(shop, {"memberPass": await pass_of(shop, lin)})
    return used


async def test_a_partner_reads_its_month_and_finds_its_own_journal_in_the_lines(shop, lin):
    used = await a_month(shop, lin)

    first = (await shop.ask(MONTH, token="partner"))["partnerSettlement"]
    more = (await shop.ask(MONTH, {"after": first["lines"]["endCursor"]}, token="partner"))["partnerSettlement"]

    kinds = {(one["kind"], one["rate"], one["quantity"], one["amount"]) for one in first["sums"]}
    assert kinds == {
        ("EARNED", "0.012", "100", "-1.200"),
        ("BURNT", "0.008", "800", "6.400"),
        ("USED", "6.00", "1", "6.00"),
    }
    assert (first["exactBalance"], first["owedToPartner"]["amount"], first["owedByPartner"]["amount"]) == (
        "11.200", "11.20", "0.00",
    )  # fmt: skip
    lines = [*first["lines"]["nodes"], *more["lines"]["nodes"]]
    assert [(one["kind"], one["reference"], one["redemption"]) for one in lines] == [
        ("BURNT", None, None),
        ("EARNED", "c1", None),
        ("USED", None, used["id"]),
    ]
    assert (first["lines"]["hasNextPage"], more["lines"]["hasNextPage"]) == (True, False)


async def test_a_dispute_is_opened_by_the_partner_and_answered_by_staff(shop, lin):
    await a_month(shop, lin)
    line = (await shop.ask(MONTH, token="partner"))["partnerSettlement"]["lines"]["nodes"][1]["id"]
    given = {"idempotencyKey": "d1", "month": "2026-11", "lines": [line], "reason": "Spilt."}

    opened = await shop.do(OPEN, given, token="partner")
    wrong = await shop.do(OPEN, {**given, "idempotencyKey": "d2", "lines": ["x"]}, token="partner")
    staff = await shop.ask(STAFF, token="staff")
    said = {"idempotencyKey": "a1", "dispute": staff["settlementDisputes"][0]["id"], "amount": "-6", "reason": "Right."}
    answered = await shop.do(ANSWER, said, token="staff")

    dispute = opened.payload["dispute"]
    assert (dispute["month"], dispute["lines"], dispute["state"]) == ("2026-11", 1, "OPEN")
    assert (wrong.code, wrong.problem["field"]) == ("NOT_FOUND", ["input", "lines", "0"])
    assert answered.payload["dispute"] == {"state": "ADJUSTED", "answer": "Right."}
    assert (await shop.ask(MONTH, token="partner"))["partnerSettlement"]["exactBalance"] == "5.200"


async def test_months_that_are_none_or_have_not_begun_are_not_there(shop, lin):
    query = "query ($month: String!) { partnerSettlement(month: $month) { month } }"

    codes = [
        (await shop.post(query, {"month": month}, token="partner")).json()["errors"][0]["extensions"]["code"]
        for month in ("2026-13", "2027-01")
    ]

    assert codes == ["INVALID_MONTH", "NOT_FOUND"]
