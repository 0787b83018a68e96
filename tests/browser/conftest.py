"""A real browser, and servers for it to visit. Where there is none the stories are left out; CI has one."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, async_playwright, expect

from cli.serve import listener, server_of
from settings import Settings
from tests.story.conftest import clock, house, lin, shop, texts

__all__ = ["browser", "clock", "house", "lin", "serve", "shop", "texts", "visit"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000  # Before a page that never comes is called missing: a busy machine is no fault.
PROGRAM = next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, as the machine has it."""
    if PROGRAM is None and not os.environ.get("LOYALTY_TEST_FULL"):
        pytest.skip("there is no Chromium here")
    assert PROGRAM is not None, "CI installs Chromium"
    async with async_playwright() as played:
        # In CI the tests run as root, for whom Chromium has no sandbox; it visits nothing but these pages.
        opened = await played.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        expect.set_options(timeout=PATIENCE_MS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Any]:
    """Serves an application on a free port, until the story ends; its address."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(app: Any, port: int = 0) -> str:
            settings = Settings(host="127.0.0.1", port=port)
            heard = stack.enter_context(contextlib.closing(listener(settings)))
            server = server_of(app, settings)
            task = asyncio.create_task(server.serve(sockets=[heard]))
            stack.push_async_callback(_stop, server, task)
            return f"http://127.0.0.1:{heard.getsockname()[1]}"

        yield start


async def _stop(server: Any, task: asyncio.Task[None]) -> None:
    server.should_exit = True
    await task


@dataclass
class Visit:
    """A page, with everything that it said and asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Keep what the browser reports."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        self.asked.append(request.url)


@pytest_asyncio.fixture
async def visit(browser: Browser) -> Any:
    """A page of its own, in English unless said."""

    async def open_page(lang: str = "en-GB") -> Visit:
        context = await browser.new_context(locale=lang, viewport={"width": 900, "height": 1300})
        context.set_default_timeout(PATIENCE_MS)
        visit = Visit(await context.new_page())
        visit.listen()
        return visit

    return open_page
