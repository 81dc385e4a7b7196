"""Who is let into which conversation: every combination of a session and an identity."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import update
from starlette.requests import Request

from gateway.admission import Admission, Admitted
from gateway.errors import BadSession
from gateway.identity import Identity
from gateway.sessions import Sessions, SessionToken
from store import conversations, customers
from store.models import Conversation, Customer
from store.records import CustomerRecord
from store.sessions import Rotation

if TYPE_CHECKING:
    from store.database import Database

pytestmark = pytest.mark.integration

SECRET = "0123456789abcdef0123456789abcdef"
SHOP = "the shop's secret, 32 characters!"
SESSIONS = Sessions(SECRET)


def identity(sub: str, **more: Any) -> str:
    return jwt.encode({"sub": sub, "exp": int(time.time()) + 600, **more}, SHOP, "HS256")


@pytest.fixture
def admission(database: Database) -> Admission:
    return Admission(SESSIONS, Identity(SHOP), database)


@pytest.fixture
def write(database: Database) -> Any:
    """Stores the first message's conversation, as the exchange does."""

    def write(admitted: Admitted) -> None:
        customer_id = admitted.customer.id if admitted.customer else None
        with database.transaction() as session:
            conversations.open_for(
                session, admitted.conversation_id, language="en", customer_id=customer_id
            )

    return write


def owner(database: Database, admitted: Admitted) -> str | None:
    with database.snapshot() as session:
        return conversations.get(session, admitted.conversation_id).customer_id


async def refused(admission: Admission, token: str) -> bool:
    try:
        await admission.admit(token)
    except BadSession:
        return True
    return False


async def test_who_brings_nothing_begins(admission: Admission) -> None:
    one, other = await admission.admit(None), await admission.admit(None)
    assert one.conversation_id != other.conversation_id
    assert (one.returning, one.customer, one.closes, one.identity_error) == (False, *[None] * 3)


@pytest.mark.parametrize("stored", [False, True])
async def test_a_session_opens_its_conversation(
    admission: Admission, write: Any, stored: bool
) -> None:
    begun = await admission.admit(None)
    if stored:
        write(begun)
    again = await admission.admit(begun.token)
    assert again.conversation_id == begun.conversation_id
    assert again.returning
    assert again.closes is None
    assert (await admission.admit(again.token)).conversation_id == begun.conversation_id


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
async def test_a_session_that_is_none_opens_nothing(admission: Admission, token: str) -> None:
    with pytest.raises(BadSession):
        await admission.admit(token)


async def test_the_id_of_a_conversation_opens_nothing(admission: Admission, write: Any) -> None:
    begun = await admission.admit(None)
    write(begun)
    foreign = Sessions(SECRET[::-1]).issue(SessionToken(begun.conversation_id))
    swapped = ".".join([SESSIONS.issue(SessionToken(str(uuid4()))).split(".")[0]])
    for token in (begun.conversation_id, foreign, f"{swapped}.{begun.token.split('.', 1)[1]}"):
        assert await refused(admission, token)


async def test_a_customer_comes_back_without_a_session(admission: Admission, write: Any) -> None:
    begun = await admission.admit(None, identity("7", name="Ann"))
    assert begun.customer is not None
    assert (begun.customer.external_id, begun.customer.name) == ("7", "Ann")
    assert not begun.returning
    write(begun)
    for session in (None, "x", SESSIONS.issue(SessionToken(begun.conversation_id, -1))):
        elsewhere = await admission.admit(session, identity("7"))
        assert elsewhere.conversation_id == begun.conversation_id
        assert elsewhere.customer == begun.customer
        # This client has seen nothing of it.
        assert not elsewhere.returning
        assert not await refused(admission, elsewhere.token)
    # Another customer does not.
    other = await admission.admit(None, identity("8"))
    assert other.conversation_id != begun.conversation_id


async def test_a_customer_who_wrote_nothing_keeps_the_conversation_in_all_tabs(
    admission: Admission,
) -> None:
    """Two tabs that identify themselves must not send each other away for ever."""
    begun = await admission.admit(None, identity("7"))
    for _ in range(3):
        again = await admission.admit(begun.token, identity("7"))
        assert again.conversation_id == begun.conversation_id
        assert again.closes is None
        begun = again


async def test_an_anonymous_conversation_joins_the_account_only_by_proof(
    admission: Admission, write: Any, database: Database
) -> None:
    begun = await admission.admit(None)
    write(begun)
    stolen = begun.token

    forged = jwt.encode({"sub": "7", "exp": int(time.time()) + 600}, "x" * 32, "HS256")
    tried = await admission.admit(begun.token, forged)
    assert tried.conversation_id == begun.conversation_id
    assert tried.identity_error is not None
    assert "Signature" in tried.identity_error
    assert owner(database, begun) is None

    joined = await admission.admit(begun.token, identity("7"))
    assert joined.conversation_id == begun.conversation_id
    assert joined.returning
    assert joined.closes == begun.conversation_id
    assert joined.customer is not None
    assert owner(database, begun) == joined.customer.id
    # The tokens of before are dead at once, the new one is good.
    assert await refused(admission, stolen)
    assert (await admission.admit(joined.token)).customer == joined.customer
    again = await admission.admit(joined.token, identity("7"))
    assert again.closes is None


async def test_an_anonymous_conversation_without_a_message_is_left_behind(
    admission: Admission, write: Any
) -> None:
    begun = await admission.admit(None)
    joined = await admission.admit(begun.token, identity("7"))
    assert joined.conversation_id != begun.conversation_id
    assert joined.closes == begun.conversation_id
    write(joined)
    # Whoever has the anonymous token has a conversation that is nobody's, and empty.
    assert (await admission.admit(begun.token)).customer is None


@pytest.mark.parametrize("stored", [False, True])
async def test_another_s_session_is_not_opened_by_who_says_to_be_somebody_else(
    admission: Admission, write: Any, stored: bool
) -> None:
    of_ann = await admission.admit(None, identity("ann"))
    if stored:
        write(of_ann)
    of_bob = await admission.admit(None, identity("bob"))
    write(of_bob)
    mixed = await admission.admit(of_ann.token, identity("bob"))
    assert mixed.conversation_id == of_bob.conversation_id
    assert not mixed.returning
    assert mixed.closes is None
    new = await admission.admit(of_ann.token, identity("carol"))
    assert new.conversation_id not in (of_ann.conversation_id, of_bob.conversation_id)
    assert not await refused(admission, of_ann.token)


async def test_a_session_of_a_customer_is_proof_enough(admission: Admission, write: Any) -> None:
    begun = await admission.admit(None, identity("7"))
    write(begun)
    expired = identity("7", exp=int(time.time()) - 3_600)
    for token in (None, "nonsense", expired):
        admitted = await admission.admit(begun.token, token)
        assert admitted.conversation_id == begun.conversation_id
        assert admitted.customer == begun.customer
        assert (admitted.identity_error is None) == (token is None)


async def test_an_identity_that_proves_nothing_opens_nothing(
    admission: Admission, write: Any
) -> None:
    begun = await admission.admit(None, identity("7"))
    write(begun)
    unsigned = jwt.encode({"sub": "7", "exp": int(time.time()) + 600}, "", "none")
    admitted = await admission.admit(None, unsigned)
    assert admitted.conversation_id != begun.conversation_id
    assert admitted.customer is None
    assert admitted.identity_error is not None
    with pytest.raises(BadSession):
        await admission.admit("x", unsigned)


async def test_without_a_key_of_the_shop_nobody_is_known(database: Database) -> None:
    admission = Admission(SESSIONS, Identity(), database)
    admitted = await admission.admit(None, identity("7"))
    assert admitted.customer is None
    assert "no identity key is set" in str(admitted.identity_error)


async def test_signing_out_ends_every_token(admission: Admission, write: Any) -> None:
    begun = await admission.admit(None, identity("7"))
    write(begun)
    await admission.check(begun)
    await admission.revoke(begun.conversation_id)
    assert await refused(admission, begun.token)
    with pytest.raises(BadSession):
        await admission.check(begun)
    # The customer signs in again, and has what she wrote.
    back = await admission.admit(begun.token, identity("7"))
    assert back.conversation_id == begun.conversation_id
    assert not await refused(admission, back.token)


async def test_signing_out_before_the_first_message(admission: Admission, write: Any) -> None:
    begun = await admission.admit(None)
    await admission.revoke(begun.conversation_id)
    write(begun)  # which was just on its way
    assert await refused(admission, begun.token)


async def test_a_stolen_token_is_of_use_for_a_while_only(database: Database, write: Any) -> None:
    hour = timedelta(hours=1)
    admission = Admission(SESSIONS, Identity(), database)
    begun = await admission.admit(None)
    write(begun)
    stolen = (await admission.admit(begun.token)).token

    def pass_time() -> None:
        with database.transaction() as session:
            session.execute(
                update(Conversation).values(
                    session_confirmed_at=datetime.now(UTC) - hour - timedelta(seconds=1)
                )
            )

    pass_time()
    fresh = await admission.admit(begun.token)
    assert (await admission.admit(fresh.token)).returning
    assert not await refused(admission, stolen)  # within the grace for other tabs
    pass_time()
    assert await refused(admission, stolen)
    assert not await refused(admission, fresh.token)


async def test_nothing_is_written_when_nothing_changes(
    admission: Admission, database: Database, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await admission.admit(None, identity("7", name="Ann"))
    write(begun)
    await admission.admit(begun.token)

    async def fail(_: Any) -> None:
        raise AssertionError("a transaction that writes")

    monkeypatch.setattr(database, "write", fail)
    await admission.admit(None)
    await admission.admit(begun.token)
    await admission.admit(begun.token, identity("7", name="Ann"))
    await admission.admit(begun.token, identity("7"))
    await admission.admit(None, identity("7"))


async def test_a_customer_who_was_deleted_is_nobody(
    admission: Admission, database: Database, write: Any
) -> None:
    begun = await admission.admit(None, identity("7"))
    write(begun)
    with database.transaction() as session:
        found = session.get(Customer, begun.customer.id)  # type: ignore[union-attr]
        session.delete(found)
    assert (await admission.admit(begun.token)).customer is None


async def test_a_file_before_the_first_message_makes_the_conversation_the_customer_s(
    admission: Admission, database: Database, write: Any
) -> None:
    begun = await admission.admit(None, identity("7"))
    with database.transaction() as session:  # as the upload of a file does
        conversations.open_for(session, begun.conversation_id, language="en")
    again = await admission.admit(begun.token, identity("7"))
    assert again.closes is None
    assert again.customer is not None
    assert owner(database, begun) == again.customer.id


async def test_a_conversation_of_another_channel_is_not_opened(
    admission: Admission, database: Database, write: Any
) -> None:
    begun = await admission.admit(None)
    write(begun)
    with database.transaction() as session:
        session.execute(update(Conversation).values(channel="mail"))
    assert await refused(admission, begun.token)


async def test_what_the_shop_says_of_a_customer_is_kept_up_to_date(
    admission: Admission, database: Database
) -> None:
    await admission.admit(None, identity("7", name="Ann"))
    admitted = await admission.admit(None, identity("7", name="Ann Lee", email="a@shop.example"))
    assert admitted.customer is not None
    with database.snapshot() as session:
        assert customers.find(session, "7") == CustomerRecord(
            admitted.customer.id, "7", "Ann Lee", "a@shop.example"
        )


class TestHttp:
    @staticmethod
    def request(**headers: str) -> Request:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return Request({"type": "http", "headers": raw})

    async def test_the_session_is_the_bearer_token(self, admission: Admission, write: Any) -> None:
        begun = await admission.admit(None)
        for stored in (False, True):
            if stored:
                write(begun)
            for scheme in ("Bearer", "bearer"):
                request = self.request(authorization=f"{scheme} {begun.token}")
                assert await admission.conversation_of(request) == begun.conversation_id

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Bearer x"])
    async def test_without_one_there_is_none(self, admission: Admission, header: str) -> None:
        request = self.request() if header is None else self.request(authorization=header)
        with pytest.raises(BadSession):
            await admission.conversation_of(request)

    async def test_a_token_that_was_revoked_is_refused(
        self, admission: Admission, write: Any
    ) -> None:
        begun = await admission.admit(None)
        write(begun)
        await admission.revoke(begun.conversation_id)
        with pytest.raises(BadSession):
            await admission.conversation_of(self.request(authorization=f"Bearer {begun.token}"))


async def test_a_rotation_can_be_set(database: Database, write: Any) -> None:
    quick = Rotation(after=timedelta(0), grace=timedelta(0))
    admission = Admission(SESSIONS, Identity(), database, rotation=quick)
    begun = await admission.admit(None)
    write(begun)
    first = await admission.admit(begun.token)
    second = await admission.admit(first.token)
    assert SESSIONS.read(second.token).generation == SESSIONS.read(first.token).generation + 1
    assert (await admission.admit(second.token)).returning
    assert await refused(admission, begun.token)
