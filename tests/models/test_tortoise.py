"""Tortoise's own models and transactions, on our engines."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import pytest_asyncio
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError, TransactionManagementError
from tortoise.transactions import in_transaction

from models.errors import ConstraintBroken
from models.sql import Dialect
from tests.models.sample import AT, Word
from tests.models.tortoise_config import config

NUMBER = {"sqlite": "INTEGER", "postgres": "serial"}
MOMENT = {"sqlite": "TEXT", "postgres": "timestamptz"}


@pytest_asyncio.fixture
async def client(database_url: str, dialect: Dialect) -> AsyncIterator[BaseDBAsyncClient]:
    """Tortoise, with a table of words."""
    async with TortoiseContext() as context:
        await context.init(config=config(database_url, dialect))
        client = context.db()
        await client.execute_script(
            f"CREATE TABLE words (id {NUMBER[dialect]} PRIMARY KEY, text VARCHAR(64) NOT NULL, "
            f"said_at {MOMENT[dialect]} NOT NULL, CONSTRAINT words_text_key UNIQUE (text));"
        )
        yield client


async def test_what_a_model_writes_it_reads_again(client: BaseDBAsyncClient):
    word = await Word.create(text="常青", said_at=AT)
    await Word.bulk_create([Word(text=f"word {number}", said_at=AT) for number in range(3)])
    await Word.filter(text="word 1").update(text="another")

    assert await Word.get(id=word.id).values("text", "said_at") == {"text": "常青", "said_at": AT}
    assert await words() == ["常青", "word 0", "another", "word 2"]
    assert await Word.filter(id__gt=word.id).delete() == 3


async def test_instants_compare_as_instants_whatever_their_zone(client: BaseDBAsyncClient):
    await Word.create(text="seven", said_at=datetime(2026, 11, 21, 7, 0, tzinfo=UTC))
    await Word.create(text="half", said_at=datetime(2026, 11, 21, 7, 0, 0, 500_000, tzinfo=UTC))
    nine_in_cairo = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=2)))

    assert await Word.filter(said_at__lt=nine_in_cairo).count() == 0
    assert (await Word.get(said_at=nine_in_cairo)).text == "seven"
    assert [word.text for word in await Word.all().order_by("-said_at")] == ["half", "seven"]


async def test_a_broken_constraint_has_its_name(client: BaseDBAsyncClient):
    await Word.create(text="once", said_at=AT)

    with pytest.raises(IntegrityError) as caught:
        await Word.create(text="once", said_at=AT)

    assert isinstance(caught.value, ConstraintBroken)
    assert caught.value.name == "words_text_key"
    assert await Word.get_or_create(text="once", defaults={"said_at": AT}) == (await Word.get(text="once"), False)


async def test_a_nested_transaction_is_undone_by_itself(client: BaseDBAsyncClient):
    async with in_transaction():
        await Word.create(text="outer", said_at=AT)
        with pytest.raises(ConstraintBroken):
            await say_both("inner", "outer")
        await Word.create(text="after", said_at=AT)

    assert await words() == ["outer", "after"]


async def test_a_transaction_may_be_ended_by_hand(client: BaseDBAsyncClient):
    async with in_transaction() as transaction:
        await Word.create(text="undone", said_at=AT)
        await transaction.rollback()

    assert await Word.all().count() == 0


async def test_a_transaction_that_has_ended_takes_nothing_more(client: BaseDBAsyncClient):
    async with in_transaction() as transaction:
        await Word.create(text="in time", said_at=AT)

    with pytest.raises(TransactionManagementError):
        await transaction.execute_query("DELETE FROM words")

    assert await Word.all().count() == 1


async def words() -> list[str]:
    """What has been said, in order."""
    return [word.text for word in await Word.all().order_by("id")]


async def say_both(first: str, second: str) -> None:
    """Both or neither."""
    async with in_transaction():
        await Word.create(text=first, said_at=AT)
        await Word.create(text=second, said_at=AT)
