"""Which conversation a client is let into: by its session token, and by the shop's word for it.

    session          identity      the conversation
    none             none          a new one
    good             none          the session's, also when it belongs to a customer
    bad              none          none: BadSession
    none or bad      of B          the one that B began last, or a new one of B's
    good, nobody's   of B          the session's, which is B's from now on
    good, of B       of B          the session's
    good, of A       of B          the one that B began last, or a new one of B's

An identity that proves nothing is reported and else as none: it opens nothing, and it closes
nothing that the session token opens.
"""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from gateway.errors import BadIdentity, BadSession
from gateway.identity import Claims, Identity
from gateway.sessions import Sessions, SessionToken
from store import customers
from store import sessions as generations
from store.database import Database
from store.records import CustomerRecord
from store.sessions import Opening, Rotation

_STALE = "a newer session has taken the place of this one, or it was ended; begin a new one"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A client is let in.

    Attributes:
        token: the session token to give it.
        customer: whose conversation it is, None of an anonymous customer. To be noted when the
            conversation gets its first message.
        returning: whether it is the conversation of the client's own token. If not, the client
            has seen nothing of it yet, whatever its hello says.
        closes: a conversation whose other connections are to be closed now, as the tokens that
            they came with have just lost their power; None for none.
        identity_error: why the identity proves nothing, None when it does or there is none.
    """

    conversation_id: str
    token: str
    customer: CustomerRecord | None = None
    returning: bool = False
    closes: str | None = None
    identity_error: str | None = None


class Admission:
    """Decides about each connection and each HTTP request.

    Args:
        sessions: reads and makes the tokens.
        identity: verifies what the shop's server signed.
        rotation: when tokens change.
    """

    def __init__(
        self,
        sessions: Sessions,
        identity: Identity,
        database: Database,
        *,
        rotation: Rotation | None = None,
    ) -> None:
        self._sessions = sessions
        self._identity = identity
        self._database = database
        self._rotation = rotation or Rotation()

    async def admit(self, session: str | None, identity: str | None = None) -> Admitted:
        """Find the conversation for the tokens of a hello.

        Raises:
            BadSession: the session token opens nothing, and no identity does instead.
        """
        claims, error = self._claims(identity)
        token = None
        if session is not None:
            try:
                token = self._sessions.read(session)
            except BadSession:
                if claims is None:
                    raise
        if token is None and claims is None:
            admitted: Admitted | None = self._begin(None)
        else:
            # Mostly there is nothing to note, and a reader does not wait for writers.
            admitted = await self._database.read(lambda s: self._decide(s, token, claims, False))
            if admitted is None:
                admitted = await self._database.write(
                    lambda s: self._decide(s, token, claims, True)
                )
        assert admitted is not None  # noqa: S101 - whoever may write always decides
        return replace(admitted, identity_error=error)

    async def conversation_of(self, request: HTTPConnection) -> str:
        """The conversation of an HTTP request that has a session token as its bearer token.

        Raises:
            BadSession: it has none, or one that opens nothing.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise BadSession("no session; expected the header `Authorization: Bearer TOKEN`")
        return await self._check(text.strip())

    async def check(self, admitted: Admitted) -> None:
        """Find out whether a client that was let in a moment ago would be let in again.

        To be asked once the connection hears of revocations: between the two it heard of none.

        Raises:
            BadSession: it would not; its tokens were revoked meanwhile.
        """
        await self._check(admitted.token)

    async def revoke(self, conversation_id: str) -> None:
        """Let no token that was given out so far open the conversation: the customer signs out."""
        await self._database.write(lambda s: generations.revoke(s, conversation_id))

    async def _check(self, text: str) -> str:
        token = self._sessions.read(text)
        opening = await self._database.read(
            lambda s: generations.look(s, *_of(token), rotation=self._rotation)
        )
        if opening is None:
            raise BadSession(_STALE)
        return token.conversation_id

    def _claims(self, identity: str | None) -> tuple[Claims | None, str | None]:
        if identity is None:
            return None, None
        try:
            return self._identity.verify(identity), None
        except BadIdentity as error:
            return None, str(error)

    def _decide(
        self, session: Session, token: SessionToken | None, claims: Claims | None, write: bool
    ) -> Admitted | None:
        """The rules at the top. None when something is to be noted and ``write`` is not given."""
        proven = None
        if claims is not None:
            proven = _customer(session, claims, write)
            if proven is None:
                return None
        if token is not None:
            opening = generations.look(session, *_of(token), rotation=self._rotation)
            if opening is not None:
                owner = _owner(session, token, opening)
                if proven is None or proven == owner:
                    return self._enter(session, token, opening, owner, write)
                if owner is None:
                    return self._join(session, token, opening, proven, write)
        if proven is None:
            raise BadSession(_STALE)
        return self._latest(session, proven)

    def _enter(
        self,
        session: Session,
        token: SessionToken,
        opening: Opening,
        owner: CustomerRecord | None,
        write: bool,
    ) -> Admitted | None:
        """The token's own conversation."""
        unclaimed = owner is not None and opening.stored and opening.customer_id is None
        if opening.due or unclaimed:
            if not write:
                return None
            opening = self._open(session, token)
            if owner is not None:
                customers.claim(session, token.conversation_id, owner.id)
        return self._admitted(token.conversation_id, opening.generation, owner, returning=True)

    def _join(
        self,
        session: Session,
        token: SessionToken,
        opening: Opening,
        proven: CustomerRecord,
        write: bool,
    ) -> Admitted | None:
        """A conversation that was begun by nobody in particular, who is now known."""
        if not opening.stored:
            # There is nothing in it that could be lost, and its anonymous tokens, which nothing
            # can take back before it has a row, shall not open what it would become.
            return replace(self._begin(proven), closes=token.conversation_id)
        if not write:
            return None
        self._open(session, token)
        generation = generations.join(session, token.conversation_id, proven.id)
        return self._admitted(
            token.conversation_id, generation, proven, returning=True, closes=token.conversation_id
        )

    def _open(self, session: Session, token: SessionToken) -> Opening:
        """Look again, at what nobody can change any more, and note that somebody came."""
        opening = generations.open(session, *_of(token), rotation=self._rotation)
        if opening is None:
            raise BadSession(_STALE)
        return opening

    def _latest(self, session: Session, customer: CustomerRecord) -> Admitted:
        conversation_id = customers.latest_conversation(session, customer.id)
        if conversation_id is None:
            return self._begin(customer)
        generation = generations.newest(session, conversation_id)
        return self._admitted(conversation_id, generation, customer)

    def _begin(self, customer: CustomerRecord | None) -> Admitted:
        return self._admitted(self._sessions.new_conversation(), 0, customer)

    def _admitted(
        self,
        conversation_id: str,
        generation: int,
        customer: CustomerRecord | None,
        *,
        returning: bool = False,
        closes: str | None = None,
    ) -> Admitted:
        token = SessionToken(conversation_id, generation, customer.id if customer else None)
        text = self._sessions.issue(token)
        return Admitted(conversation_id, text, customer, returning, closes)


def _of(token: SessionToken) -> tuple[str, int]:
    return token.conversation_id, token.generation


def _owner(session: Session, token: SessionToken, opening: Opening) -> CustomerRecord | None:
    """Whose conversation it is; before it has a row, or a customer in it, the token tells."""
    customer_id = opening.customer_id or token.customer_id
    return customers.get(session, customer_id) if customer_id else None


def _customer(session: Session, claims: Claims, write: bool) -> CustomerRecord | None:
    """The customer that the claims are about; None when it is to be noted and may not be."""
    known = customers.find(session, claims.external_id)
    if (
        known is not None
        and claims.name in (None, known.name)
        and claims.email in (None, known.email)
    ):
        return known
    if not write:
        return None
    return customers.remember(session, claims.external_id, name=claims.name, email=claims.email)
