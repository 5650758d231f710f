"""Idempotency keys, as the provider keeps them."""

import asyncio

import pytest

from config.demo.card_provider.bank import ApiRefusal
from config.demo.card_provider.books import SandboxBooks
from config.demo.card_provider.idempotency import KEPT_SECONDS, IdempotencyKeys
from tests.unit.config.demo.card_provider.test_bank import BankClock


async def test_the_first_answer_is_the_answer() -> None:
    clock = BankClock()
    keys, done = IdempotencyKeys(SandboxBooks(), clock), []

    async def work() -> str:
        done.append(1)
        return str(len(done))

    assert [await keys.once("k", b"q", work) for _ in range(3)] == ["1", "1", "1"]
    assert await keys.once(None, b"q", work) == "2"
    with pytest.raises(ApiRefusal, match="idempotency_error"):
        await keys.once("k", b"other", work)
    clock.at += KEPT_SECONDS
    assert await keys.once("k", b"other", work) == "3"


async def test_while_it_works_the_same_key_is_a_conflict() -> None:
    keys, going = IdempotencyKeys(SandboxBooks()), asyncio.Event()

    async def work() -> str:
        await going.wait()
        return "done"

    first = asyncio.create_task(keys.once("k", b"q", work))
    await asyncio.sleep(0)
    with pytest.raises(ApiRefusal) as refused:
        await keys.once("k", b"q", work)
    assert refused.value.status == 409
    going.set()
    assert await first == "done"


async def test_what_was_refused_may_be_asked_again() -> None:
    keys = IdempotencyKeys(SandboxBooks())

    async def refused() -> str:
        raise ApiRefusal("parameter_invalid")

    async def work() -> str:
        return "done"

    with pytest.raises(ApiRefusal):
        await keys.once("k", b"q", refused)
    assert await keys.once("k", b"q2", work) == "done"
