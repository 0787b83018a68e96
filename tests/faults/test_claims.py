"""Several processes take what is not enough for everybody: it is given to the last piece, and not one beyond."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from tests.faults.conftest import Crew
from tests.faults.programme import CLAIMED
from tests.faults.test_crowding import left, moved

ZONE = ZoneInfo("Asia/Shanghai")
NAMES = [f"m{number}" for number in range(20)]


@pytest.mark.parametrize(
    ("how", "what", "refusal", "counter"),
    [
        ("benefit", "stocked", "OUT_OF_STOCK", "stock:stocked"),
        ("benefit", "daily", "QUOTA_REACHED", "quota:daily:year:{year}"),
        ("promo", "WORD", "OUT_OF_STOCK", "promo:word"),
    ],
)
async def test_what_there_is_is_given_and_no_more(
    claiming: Crew, how: str, what: str, refusal: str, counter: str
) -> None:
    await claiming.enrol(NAMES)

    told = await claiming.all("claim", names=NAMES, times=8 // claiming.processes, wishes=[[how, what]])

    codes = Counter(answer["code"] for of_one in told for answer in of_one)
    name = counter.format(year=claiming.shop.now.astimezone(ZONE).year)
    assert codes == {None: CLAIMED, refusal: 8 * len(NAMES) - CLAIMED}
    assert (await left(claiming, name), await moved(claiming, name)) == (0, CLAIMED)
    assert await claiming.shop.count("entitlements") == CLAIMED
    assert await claiming.shop.count("outbox", "kind = 'alert'") == (1 if what == "stocked" else 0)


async def test_a_members_share_is_one_however_many_tills_ask(claiming: Crew) -> None:
    await claiming.enrol(NAMES)

    told = await claiming.all("claim", names=NAMES, times=3, wishes=[["benefit", "each"]])

    codes = Counter(answer["code"] for of_one in told for answer in of_one)
    assert codes == {None: len(NAMES), "LIMIT_REACHED": (3 * claiming.processes - 1) * len(NAMES)}
    assert await claiming.shop.count("entitlements") == len(NAMES)


async def test_a_code_that_is_shown_at_every_till_is_used_once(claiming: Crew) -> None:
    await claiming.enrol(NAMES)
    (first, *_) = await claiming.all("claim", names=NAMES, times=1, wishes=[["benefit", "coded"]])
    pieces = [answer["changes"]["entitlements"][0]["id"] for answer in first]
    codes = [claiming.shop.house.secrets.code_of(1, piece) for piece in pieces]

    told = await claiming.all("use_codes", codes=codes)

    answers = Counter(answer["code"] for of_one in told for answer in of_one)
    assert answers == {None: len(codes), "CODE_USED": (claiming.processes - 1) * len(codes)}
    assert await claiming.shop.count("entitlements", "state = 'used'") == len(codes)
    assert await claiming.shop.count("entitlement_moves", "state_to = 'used'") == len(codes)
