"""The storefront example: a member's page without a build, asked across origins in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.app import create_app
from settings import Settings
from tests.story.conftest import SECRET

PAGE = Path(__file__).parents[2] / "examples" / "storefront"


@pytest.fixture
async def front(serve):
    """Where the page lives: an origin of its own."""
    return await serve(Starlette(routes=[Mount("/", StaticFiles(directory=PAGE, html=True))]))


@pytest.fixture
async def api(serve, shop, clock, front):
    """The API, open to that origin and to no other."""
    settings = Settings(secret=SECRET, origins=(front,))
    return await serve(create_app(settings, house=shop.house, clock=clock))


def address(front, api, shop, member):
    return f"{front}/#server={api}&token={shop.tokens[member]}"


async def test_a_member_sees_what_there_is_and_redeems_it(visit, front, api, shop, lin):
    await shop.order(lin, total=120_000)
    shop.clock.wait(days=8)
    seen = await visit()

    await seen.page.goto(address(front, api, shop, lin))

    await expect(seen.page.locator("#balance")).to_have_text("1,400 points")
    await expect(seen.page.locator("#enter")).to_be_hidden()
    assert "token" not in seen.page.url
    voucher = seen.page.locator("button[data-benefit=voucher]").first
    await expect(voucher).to_have_text("Redeem ¥5.00 for 600 points")
    coupon = seen.page.locator("button[data-benefit]").first
    price = int("".join(filter(str.isdigit, await coupon.inner_text())))
    await coupon.click()
    await expect(seen.page.locator("#notice")).to_contain_text("Redeemed")
    await expect(seen.page.locator("#balance")).to_have_text(f"{1_400 - price:,} points")
    await expect(seen.page.locator("#held code").first).to_be_visible()
    assert await shop.balance(lin) == 1_400 - price
    assert seen.complaints == []
    assert {url.split("/", 3)[2] for url in seen.asked} == {front[7:], api[7:]}


async def test_the_page_speaks_the_readers_language(visit, front, api, shop, lin):
    seen = await visit("zh-CN")

    await seen.page.goto(address(front, api, shop, lin))

    await expect(seen.page.locator("h1")).to_have_text("会员中心")
    await expect(seen.page.locator("#entries td").nth(1)).to_contain_text("获得")
    await seen.page.get_by_label("语言").select_option("en")
    await expect(seen.page.locator("h1")).to_have_text("Membership")
    await expect(seen.page.locator("#entries td").nth(1)).to_contain_text("Earned")
    assert await seen.page.locator("html").get_attribute("lang") == "en"


async def test_a_wish_that_was_not_answered_is_one_wish_when_pressed_again(visit, front, api, shop, lin):
    await shop.order(lin, total=300_000)
    shop.clock.wait(days=8)
    seen = await visit()
    await seen.page.goto(address(front, api, shop, lin))
    button = seen.page.locator("button[data-benefit=coupon-10]")
    await expect(button).to_be_enabled()
    before = await shop.balance(lin)

    lost = []

    async def lose_the_first_answer(route):
        await route.fetch()
        lost.append(route.request.post_data)
        await route.abort()

    await seen.page.route("**/graphql", lose_the_first_answer, times=1)
    await button.click()
    await expect(seen.page.locator("#notice")).to_contain_text("No answer from the server")
    assert await shop.balance(lin) == before - 1000
    await button.click()

    await expect(seen.page.locator("#notice")).to_contain_text("Redeemed")
    assert await shop.balance(lin) == before - 1000
    assert len(lost) == 1


async def test_a_refusal_is_said_in_words_and_changes_nothing(visit, front, api, shop, lin):
    await shop.order(lin, total=120_000)
    shop.clock.wait(days=8)
    seen = await visit()
    await seen.page.goto(address(front, api, shop, lin))
    button = seen.page.locator("button[data-benefit=coupon-10]")
    await expect(button).to_be_enabled()
    await shop.redeem(lin, benefit="free-coffee")
    left = await shop.balance(lin)

    await button.click()

    await expect(seen.page.locator("#notice")).to_contain_text("points")
    assert await shop.balance(lin) == left
    await expect(seen.page.locator("#balance")).to_have_text(f"{left:,} points")


@pytest.mark.parametrize("token", ["eyJ.not.ours", "lk_x_y"])
async def test_a_wrong_token_is_asked_for_again(visit, front, api, token):
    seen = await visit()

    await seen.page.goto(f"{front}/#server={api}&token={token}")

    await expect(seen.page.locator("#notice")).to_have_text(
        "The token is not valid, or its time is over. Enter a new one."
    )
    await expect(seen.page.locator("#enter")).to_be_visible()
    await expect(seen.page.locator("#page")).to_be_hidden()


async def test_a_page_of_another_origin_learns_nothing(visit, serve, shop, clock, lin):
    front = await serve(Starlette(routes=[Mount("/", StaticFiles(directory=PAGE, html=True))]))
    closed = await serve(create_app(Settings(secret=SECRET), house=shop.house, clock=clock))
    seen = await visit()

    await seen.page.goto(address(front, closed, shop, lin))

    await expect(seen.page.locator("#notice")).to_contain_text("No answer from the server")
    await expect(seen.page.locator("#page")).to_be_hidden()
    assert any("CORS" in complaint for complaint in seen.complaints)


async def test_a_name_is_a_name_whatever_is_written_in_it(visit, front, api, shop, lin):
    seen = await visit()
    evil = "<img src=x onerror=document.title='taken'>"

    async def rename(route):
        answer = await route.fetch()
        data = await answer.json()
        data["data"]["me"]["tier"]["title"] = evil
        for one in data["data"]["me"]["standings"]:
            one["tier"]["title"] = evil
        await route.fulfill(response=answer, json=data)

    await seen.page.route("**/graphql", rename)
    await seen.page.goto(address(front, api, shop, lin))

    await expect(seen.page.locator("#standings")).to_contain_text(evil)
    assert await seen.page.locator("#standings img").count() == 0
    assert await seen.page.title() != "taken"
