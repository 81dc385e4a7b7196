"""Session tokens: what they are made of, and which of them open a conversation."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from gateway.errors import BadSession, GatewayError
from gateway.sessions import Sessions, SessionToken
from store import conversations, customers
from store import sessions as generations
from store.errors import UnknownConversation
from store.sessions import Opening

if TYPE_CHECKING:
    from store.database import Database

SECRET = "0123456789abcdef0123456789abcdef"
ID = "b5f2a1f0-0f3e-4a40-9a52-6f6a5a0d2f11"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class TestTokens:
    def test_a_token_is_read_back(self) -> None:
        sessions = Sessions(SECRET)
        for token in (
            SessionToken(sessions.new_conversation()),
            SessionToken(str(uuid4()), 7, str(uuid4())),
        ):
            assert UUID(token.conversation_id).version == 4
            assert sessions.read(sessions.issue(token)) == token
        assert sessions.new_conversation() != sessions.new_conversation()

    def test_a_token_of_the_first_release_is_generation_0(self) -> None:
        sessions, conversation_id = Sessions(SECRET), str(uuid4())
        old = str(sessions._serializer.dumps(conversation_id))
        assert sessions.read(old) == SessionToken(conversation_id, 0, None)

    def test_a_token_fits_into_a_hello(self) -> None:
        token = SessionToken(str(uuid4()), 2**31 - 1, str(uuid4()))
        assert len(Sessions(SECRET).issue(token)) <= 512

    def test_another_server_s_token_is_refused(self) -> None:
        token = Sessions(SECRET[::-1]).issue(SessionToken(str(uuid4())))
        with pytest.raises(BadSession, match="not one of this server"):
            Sessions(SECRET).read(token)

    def test_a_token_for_another_purpose_is_refused(self) -> None:
        content = [str(uuid4()), 0, None]
        token = URLSafeTimedSerializer(SECRET, salt="a link in a mail").dumps(content)
        with pytest.raises(BadSession):
            Sessions(SECRET).read(str(token))

    @pytest.mark.parametrize(
        "content",
        [
            "everything",
            7,
            None,
            [],
            ["x"],
            [ID],
            ["x", 0, None],
            [ID, "x", None],
            [ID, 0, "x"],
            [ID, 0, None, 1],
            {"a": 1},
        ],
    )
    def test_a_token_for_no_conversation_is_refused(self, content: object) -> None:
        sessions = Sessions(SECRET)
        with pytest.raises(BadSession):
            sessions.read(str(sessions._serializer.dumps(content)))

    @pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "\ud800", "é.é.é", "." * 512])
    def test_nonsense_is_refused(self, token: str) -> None:
        with pytest.raises(BadSession):
            Sessions(SECRET).read(token)

    @given(st.integers(0, 200), st.characters())
    def test_a_token_with_one_sign_changed_is_refused(self, place: int, sign: str) -> None:
        sessions = Sessions(SECRET)
        token = sessions.issue(SessionToken(str(uuid4()), 3))
        place %= len(token)
        changed = token[:place] + sign + token[place + 1 :]
        # The last sign of base64 has bits that mean nothing: the same bytes, the same token.
        if changed == token or place == len(token) - 1:
            return
        with pytest.raises(BadSession):
            sessions.read(changed)

    def test_parts_of_two_tokens_make_none(self) -> None:
        sessions = Sessions(SECRET)
        mine, yours = (sessions.issue(SessionToken(str(uuid4()))).split(".") for _ in range(2))
        with pytest.raises(BadSession):
            sessions.read(".".join([yours[0], *mine[1:]]))

    def test_an_old_token_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sessions = Sessions(SECRET, days=30)
        token, now = sessions.issue(SessionToken(str(uuid4()))), time.time()
        monkeypatch.setattr(time, "time", lambda: now + 30 * 86_400 - 60)
        sessions.read(token)
        monkeypatch.setattr(time, "time", lambda: now + 30 * 86_400 + 60)
        with pytest.raises(BadSession, match="expired"):
            sessions.read(token)

    def test_a_clock_put_back_costs_nobody_a_conversation(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sessions, now = Sessions(SECRET), time.time()
        token = sessions.issue(SessionToken(str(uuid4())))
        monkeypatch.setattr(time, "time", lambda: now - 3_600)
        sessions.read(token)

    def test_a_short_secret_is_refused(self) -> None:
        with pytest.raises(GatewayError, match="has 6 characters, expected at least 32"):
            Sessions("secret")


@pytest.fixture
def conversation_id(database: Database) -> str:
    """A conversation that has a row."""
    conversation_id = str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, conversation_id, language="en")
    return conversation_id


class Door:
    """A conversation's door, at a time that goes only forward."""

    def __init__(self, database: Database, conversation_id: str) -> None:
        self.database = database
        self.conversation_id = conversation_id
        self.now = NOON

    def look(self, generation: int) -> Opening | None:
        with self.database.snapshot() as session:
            return generations.look(session, self.conversation_id, generation, now=self.now)

    def come(self, generation: int, *, after: timedelta = timedelta()) -> int | None:
        """Come with a token; gives the generation of the token that one gets."""
        self.now += after
        seen = self.look(generation)
        with self.database.transaction() as session:
            opening = generations.open(session, self.conversation_id, generation, now=self.now)
        # What a reader is told is what is then done, and nothing of it is left to be done.
        assert (seen and seen.generation) == (opening and opening.generation)
        assert opening is None or not opening.due
        return None if opening is None else opening.generation

    def revoke(self) -> None:
        with self.database.transaction() as session:
            generations.revoke(session, self.conversation_id)


@pytest.fixture
def door(database: Database, conversation_id: str) -> Door:
    return Door(database, conversation_id)


@pytest.mark.integration
class TestGenerations:
    def test_tokens_stay_for_an_hour_and_then_change(self, door: Door) -> None:
        assert door.come(0) == 0
        assert door.come(0, after=59 * MINUTE) == 0
        assert door.come(0, after=2 * MINUTE) == 1

    def test_an_old_token_dies_a_while_after_the_new_one_came(self, door: Door) -> None:
        door.come(0)
        assert door.come(0, after=61 * MINUTE) == 1
        assert door.come(1) == 1
        # Another tab still has the old one.
        assert door.come(0, after=4 * MINUTE) == 1
        assert door.come(0, after=2 * MINUTE) is None
        assert door.come(1) == 1

    def test_a_welcome_that_never_arrived_loses_nobody_s_conversation(self, door: Door) -> None:
        door.come(0)
        assert door.come(0, after=61 * MINUTE) == 1
        # Nobody ever came with generation 1.
        assert door.come(0, after=timedelta(days=20)) == 1
        assert door.come(1, after=timedelta(days=1)) == 1
        assert door.come(0, after=6 * MINUTE) is None

    def test_a_token_of_two_generations_ago_is_dead_at_once(self, door: Door) -> None:
        door.come(0)
        assert door.come(0, after=61 * MINUTE) == 1
        door.come(1)
        assert door.come(1, after=61 * MINUTE) == 2
        assert door.come(0) is None
        assert door.come(1) == 2

    def test_to_look_changes_nothing(self, door: Door) -> None:
        assert door.look(0) == Opening(0, due=True)
        assert door.look(0) == Opening(0, due=True)
        door.come(0)
        assert door.look(0) == Opening(0, due=False)

    def test_signing_out_ends_all_tokens(self, door: Door) -> None:
        door.come(0)
        door.come(0, after=61 * MINUTE)
        door.revoke()
        assert [door.come(generation) for generation in (0, 1)] == [None, None]
        # Nobody was given the next one, but if it is proven otherwise whose it is:
        assert door.come(2) == 2
        door.revoke()
        assert door.come(2) is None

    def test_signing_out_before_the_first_message_holds_too(self, database: Database) -> None:
        door = Door(database, str(uuid4()))
        assert door.look(0) == Opening(0, stored=False)
        door.revoke()
        with database.transaction() as session:
            conversations.open_for(session, door.conversation_id, language="zh")
        assert door.come(0) is None
        assert door.come(1) == 1

    def test_a_token_from_before_a_restored_backup_opens(self, door: Door) -> None:
        assert door.come(5) == 5
        assert door.come(4) is None
        assert door.come(5) == 5

    def test_a_conversation_of_another_channel_is_not_opened(
        self, database: Database, conversation_id: str
    ) -> None:
        from sqlalchemy import update

        from store.models import Conversation

        with database.transaction() as session:
            session.execute(update(Conversation).values(channel="mail"))
        assert Door(database, conversation_id).come(0) is None

    def test_two_who_come_at_once_begin_one_generation(self, door: Door) -> None:
        door.come(0)
        door.now += 61 * MINUTE
        start, got = threading.Barrier(4), []

        def come() -> None:
            start.wait()
            with door.database.transaction() as session:
                got.append(generations.open(session, door.conversation_id, 0, now=door.now))

        threads = [threading.Thread(target=come) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [opening and opening.generation for opening in got] == [1] * 4

    def test_joining_a_customer_ends_the_anonymous_tokens(
        self, door: Door, database: Database
    ) -> None:
        door.come(0)
        with database.transaction() as session:
            customer = customers.remember(session, "customer-7")
            assert generations.join(session, door.conversation_id, customer.id) == 1
        assert door.come(0) is None
        assert door.look(1) == Opening(1, customer.id, due=True)
        with database.transaction() as session:
            assert generations.newest(session, door.conversation_id) == 1
            with pytest.raises(UnknownConversation):
                generations.join(session, door.conversation_id, customer.id)


@pytest.mark.integration
class TestCustomers:
    def test_a_customer_is_made_once_and_kept_up_to_date(self, database: Database) -> None:
        with database.transaction() as session:
            first = customers.remember(session, "7", name="Ann", email="ann@shop.example")
        with database.transaction() as session:
            second = customers.remember(session, "7", name="Ann Lee")
            other = customers.remember(session, "8")
        assert (second.id, second.name, second.email) == (first.id, "Ann Lee", "ann@shop.example")
        assert other.id != first.id
        with database.snapshot() as session:
            assert customers.get(session, first.id) == customers.find(session, "7") == second
            assert customers.find(session, "9") is None
            assert customers.get(session, str(uuid4())) is None

    def test_the_latest_conversation_is_the_one_begun_last_in_the_widget(
        self, database: Database
    ) -> None:
        ids = [str(uuid4()) for _ in range(4)]
        with database.transaction() as session:
            ann = customers.remember(session, "7")
            bob = customers.remember(session, "8")
            assert customers.latest_conversation(session, ann.id) is None
        for conversation_id, customer in zip(ids, (ann, ann, bob, ann), strict=True):
            with database.transaction() as session:
                conversations.open_for(
                    session, conversation_id, language="en", customer_id=customer.id
                )
        with database.transaction() as session:
            from sqlalchemy import update

            from store.models import Conversation

            session.execute(
                update(Conversation).where(Conversation.id == ids[3]).values(channel="mail")
            )
        with database.snapshot() as session:
            assert customers.latest_conversation(session, ann.id) == ids[1]
            assert customers.latest_conversation(session, bob.id) == ids[2]

    def test_a_conversation_is_claimed_once(self, database: Database, conversation_id: str) -> None:
        with database.transaction() as session:
            ann, bob = customers.remember(session, "7"), customers.remember(session, "8")
            customers.claim(session, conversation_id, ann.id)
            customers.claim(session, conversation_id, bob.id)
        with database.snapshot() as session:
            assert conversations.get(session, conversation_id).customer_id == ann.id
