"""A family puts its points together: with tokens of their own, and none of them is named to the others."""

import json

import pytest

from tests.story import documents as says

CREATE = f"mutation ($input: PoolInput!) {{ poolCreate(input: $input) {{ {says.ANSWER} }} }}"
INVITE = f"mutation ($input: PoolInput!) {{ poolInvite(input: $input) {{ code endsAt {says.ANSWER} }} }}"
JOIN = f"mutation ($input: PoolJoinInput!) {{ poolJoin(input: $input) {{ {says.ANSWER} }} }}"
LEAVE = f"mutation ($input: PoolInput!) {{ poolLeave(input: $input) {{ {says.ANSWER} }} }}"
CLOSE = f"mutation ($input: PoolInput!) {{ poolClose(input: $input) {{ {says.ANSWER} }} }}"
GIVE = f"mutation ($input: PoolContributeInput!) {{ poolContribute(input: $input) {{ {says.ANSWER} }} }}"
POOL = "{ me { pool { balance members mine owner joinedAt } points { balance } } }"


@pytest.fixture
def texts(texts):
    """The demo, with family pools of two whose leavers have their part."""
    programme = json.loads(texts["programme"])
    programme["pools"] = {"members_most": 2, "on_leave": "share"}
    return texts | {"programme": json.dumps(programme, ensure_ascii=False)}


async def does(shop, name, document, **more):
    """Something done with one's own token."""
    return await shop.do(document, {"idempotencyKey": shop.key(), **more}, token=name)


async def pool(shop, name):
    """What somebody sees of the pool."""
    return (await shop.ask(POOL, token=name))["me"]["pool"]


@pytest.fixture
async def family(shop, lin):
    """Lin's pool, with Wang in it."""
    await shop.enrol("wang")
    shop.clock.wait(days=1)
    assert (await does(shop, lin, CREATE)).state == "ACCEPTED"
    invitation = await does(shop, lin, INVITE)
    assert (await does(shop, "wang", JOIN, code=invitation.payload["code"])).state == "ACCEPTED"
    return shop


async def test_a_family_puts_its_points_together_and_one_of_them_buys(family):
    gave = [(await does(family, name, GIVE, points=200)).state for name in ("lin", "wang")]
    await family.order("lin", total=60000)
    family.clock.wait(days=8)
    await does(family, "lin", GIVE, points=600)

    bought = await family.redeem("wang", fromPool=True)

    assert gave == ["ACCEPTED", "ACCEPTED"]
    assert bought.state == "ACCEPTED"
    assert [one["benefit"]["key"] for one in bought.receipt["entitlements"]] == ["coupon-10"]
    mine = await pool(family, "wang")
    assert (mine["balance"], mine["members"], mine["mine"], mine["owner"]) == (0, 2, 200, False)


async def test_a_statement_says_what_went_into_the_pool_and_names_nobody(family):
    await does(family, "wang", GIVE, points=150)

    entry = (await family.member("wang"))["points"]["entries"]["nodes"][0]

    assert (entry["kind"], entry["points"], entry["reason"]) == ("TRANSFER", -150, "Put into the family pool")
    assert (await pool(family, "lin"))["balance"] == 150
    assert (await pool(family, "lin"))["mine"] == 0


async def test_who_leaves_takes_its_part(family):
    await does(family, "wang", GIVE, points=150)

    left = await does(family, "wang", LEAVE)

    assert left.state == "ACCEPTED"
    assert await pool(family, "wang") is None
    assert await family.balance("wang") == 200
    assert (await pool(family, "lin"))["members"] == 1


async def test_a_pool_that_closes_gives_its_points_to_the_owner(family):
    await does(family, "lin", GIVE, points=100)

    closed = await does(family, "lin", CLOSE)

    assert closed.state == "ACCEPTED"
    assert await pool(family, "lin") is None
    assert await family.balance("lin") == 200


async def test_what_is_refused_is_refused_in_words(family):
    await family.enrol("zhao")
    invitation = await does(family, "lin", INVITE)

    full = await does(family, "zhao", JOIN, code=invitation.payload["code"])
    guessed = await does(family, "zhao", JOIN, code="AAAA-AAAA-AAAA-AAAA")

    assert full.problem["message"].startswith("A family pool has 2 members at most.")
    assert guessed.code == "INVITATION_UNKNOWN"
    assert await pool(family, "zhao") is None


async def test_the_code_of_an_invitation_is_kept_nowhere(family):
    invitation = await does(family, "lin", INVITE)

    code = invitation.payload["code"]
    rows = await family.house.db.rows("SELECT body, receipt FROM events")
    assert all(code not in row["body"] + row["receipt"] for row in rows)
    assert code not in json.dumps(invitation.receipt)


async def test_an_export_tells_of_ones_own_part_and_of_nobody_elses(family):
    await does(family, "wang", GIVE, points=150)
    document = "mutation ($input: MemberExportInput!) { memberExport(input: $input) { export userErrors { code } } }"

    told = (await does(family, "wang", document)).payload["export"]

    assert [(one["role"], one["contributed"]) for one in told["pool_members"]] == [("member", 150)]
    assert "pool_invitations" not in told
    assert "person_id" not in json.dumps(told)
