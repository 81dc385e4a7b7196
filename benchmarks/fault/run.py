"""One run over one database: start, kill, wait, judge."""

import asyncio
import contextlib
import random
import secrets
import shutil
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.fault.journal import Journal, Sent
from benchmarks.fault.plan import Again, Kill, Phase, make_plan
from benchmarks.fault.questions import Known, known_questions
from benchmarks.fault.verdict import Failure, complete, judge
from benchmarks.fault.webhook import ACCOUNT, Receiver, WebhookCustomer
from benchmarks.fault.widget import WidgetCustomer
from benchmarks.postgres import Postgres
from benchmarks.system import System, SystemFailed

PROCESSES = ("gateway", "rasa", "actions")
POSTGRES = "postgres"
RECOVERED_WITHIN = 120.0
"""Seconds from a kill until every part answers again."""
ANSWERED_WITHIN = 240.0
"""Seconds from the last kill until everything is answered."""
STRAGGLERS = 15.0
"""Seconds after that, in which nothing more may come."""
_LATER = range(2, 6)  # phases

Customer = WidgetCustomer | WebhookCustomer
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done in a run."""

    rounds: int
    conversations: int
    messages: int


@dataclass(slots=True)
class Result:
    """What a run gave.

    Attributes:
        recovery: seconds from the kill until every part answered again, by victim.
        failures: all that went wrong.
        kills: when which process was killed, for the story.
    """

    database: str
    seed: int
    journals: list[Journal]
    failures: list[Failure] = field(default_factory=list)
    kills: list[tuple[float, str]] = field(default_factory=list)
    recovery: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0


class Run:
    """The system and its customers.

    Args:
        database: ``sqlite`` or ``postgres``.
        seed: of all choices.
        progress: told what goes on, in a few words.
    """

    def __init__(self, database: str, seed: int, size: Size, progress: Progress) -> None:
        self._size = size
        self._progress = progress
        self._seed = seed
        victims = (*PROCESSES, POSTGRES) if database == POSTGRES else PROCESSES
        self._phases = make_plan(
            seed,
            rounds=size.rounds,
            victims=victims,
            customers=size.conversations,
            messages=size.messages,
        )
        self._choose = random.Random(f"{seed} {database}")
        self._secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        self._receiver = Receiver(self._secret, random.Random(seed))
        self._postgres = Postgres() if database == POSTGRES else None
        self._state = Path(tempfile.mkdtemp(prefix="shopdesk-fault-")) / "state"
        variables = {"SHOPDESK_DATABASE_URL": self._postgres.url} if self._postgres else {}
        self._system = System(self._state, _SETTINGS.format(
            account=ACCOUNT, url=self._receiver.url, secret=self._secret
        ), **variables)  # fmt: skip
        self.result = Result(database, seed, [])
        self._later: dict[int, list[tuple[Customer, Sent]]] = {}

    async def run(self) -> Result:
        """All of it.

        Raises:
            SystemFailed: the system did not start, or did not recover from a kill.
        """
        began, kept = time.monotonic(), True
        self._receiver.start()
        try:
            self._progress("starting")
            await asyncio.to_thread(self._system.start)
            self._progress("asking which answers are to be expected")
            questions = await known_questions(self._system.chat, self._choose)
            async with self._customers() as customers:
                writers = [
                    _Writer(customer, self._choose.sample(questions, len(questions)))
                    for customer in customers
                ]
                for number, phase in enumerate(self._phases):
                    await self._phase(number, phase, writers)
                for due in list(self._later):
                    self._repeat(due)
                await self._settle()
            self._judge()
            kept = bool(self.result.failures)
        finally:
            self.result.seconds = time.monotonic() - began
            await asyncio.to_thread(self._system.stop)
            self._receiver.stop()
            if self._postgres:
                await asyncio.to_thread(self._postgres.close)
            if not kept:
                shutil.rmtree(self._state.parent, ignore_errors=True)
        return self.result

    @property
    def state(self) -> Path:
        """Where the database and the logs are; kept when something went wrong."""
        return self._state

    @contextlib.asynccontextmanager
    async def _customers(self) -> AsyncIterator[list[Customer]]:
        """Half of them in the widget, half behind the webhook, all at it."""
        client = httpx.AsyncClient(base_url=self._system.url, timeout=15, trust_env=False)
        customers: list[Customer] = []
        for number in range(self._size.conversations):
            choose = random.Random(f"{self._seed} {number}")
            if number % 2 == 0:
                journal = Journal(f"widget {number:02}", own_seen=True)
                customers.append(WidgetCustomer(journal, self._system.chat, choose))
            else:
                journal = Journal(f"webhook {number:02}", own_seen=False)
                name = f"customer-{number:02}"
                self._receiver.expect(name, journal)
                customers.append(WebhookCustomer(journal, name, client, self._secret, choose))
            self.result.journals.append(journal)
        tasks = [asyncio.create_task(customer.run()) for customer in customers]
        try:
            yield customers
            for customer in customers:
                if isinstance(customer, WidgetCustomer):
                    await customer.read_all()
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await client.aclose()
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise SystemFailed(f"a customer ended: {error!r}")

    async def _phase(self, number: int, phase: Phase, writers: "list[_Writer]") -> None:
        victims = ", ".join(kill.victim for kill in phase.kills)
        self._progress(f"round {phase.round}, {number + 1}/{len(self._phases)}: {victims}")
        self._repeat(number)
        async with asyncio.TaskGroup() as group:
            for write in phase.writes:
                group.create_task(self._write(number, write.after, writers[write.customer],
                                              write.again))  # fmt: skip
            kills = [group.create_task(self._kill(kill)) for kill in phase.kills]
        killed = [kill.result() for kill in kills]
        await self._recovered(phase.kills[0].victim, killed[0], alone=len(killed) == 1)
        await asyncio.sleep(phase.rest)

    async def _write(self, number: int, after: float, writer: "_Writer", again: Again) -> None:
        await asyncio.sleep(after)
        sent = writer.write(again)
        if again is Again.LATER:
            due = number + self._choose.choice(_LATER)
            self._later.setdefault(due, []).append((writer.customer, sent))

    def _repeat(self, number: int) -> None:
        for customer, sent in self._later.pop(number, ()):
            customer.repeat(sent)

    async def _kill(self, kill: Kill) -> float:
        """Kill at its time; when that was."""
        await asyncio.sleep(kill.after)
        at = time.monotonic()
        if kill.victim != POSTGRES:
            pid = await asyncio.to_thread(self._system.kill, kill.victim)
            self.result.kills.append((at, f"{kill.victim} killed ({pid or 'it did not run'})"))
            return at
        assert self._postgres
        self._postgres.kill()
        self.result.kills.append((at, f"{POSTGRES} killed"))
        await asyncio.sleep(kill.down)
        await asyncio.to_thread(self._postgres.start)
        return at

    async def _recovered(self, victim: str, since: float, *, alone: bool) -> None:
        while not await asyncio.to_thread(self._system.ready):
            if time.monotonic() - since > RECOVERED_WITHIN:
                raise SystemFailed(
                    f"not ready {RECOVERED_WITHIN:.0f} s after {victim} was killed; the logs are "
                    f"in {self._state / 'log'}"
                )
            await asyncio.sleep(0.2)
        self.result.kills.append((time.monotonic(), "everything answers again"))
        if alone:
            seconds = time.monotonic() - since
            self.result.recovery.setdefault(victim, []).append(seconds)

    async def _settle(self) -> None:
        """Until everything is answered, and then long enough to see what comes twice."""
        deadline = time.monotonic() + ANSWERED_WITHIN
        while not all(map(complete, self.result.journals)) and time.monotonic() < deadline:
            waiting = sum(not complete(journal) for journal in self.result.journals)
            self._progress(f"waiting for {waiting} conversations")
            await asyncio.sleep(1)
        self._progress("waiting for what might come twice")
        await asyncio.sleep(STRAGGLERS)

    def _judge(self) -> None:
        self.result.failures = judge(self.result.journals)
        for what in self._receiver.strangers:
            self.result.failures.append(Failure.of_nobody(what))


class _Writer:
    """Gives a customer the next question, the same again only after all others."""

    def __init__(self, customer: Customer, questions: list[Known]) -> None:
        self.customer = customer
        self._questions = questions

    def write(self, again: Again) -> Sent:
        number = len(self.customer.journal.sent)
        question = self._questions[number % len(self._questions)]
        self.customer.write(question.text, question.source, again)
        return self.customer.journal.sent[number]


_SETTINGS = """\
log_level = "info"
[channels.{account}]
kind = "webhook"
url = "{url}"
secret = "{secret}"
"""
