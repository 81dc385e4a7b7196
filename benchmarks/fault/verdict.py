"""Reads the journals: was anything lost, doubled, out of order, or somebody else's?

Pure functions; what they find is named by what the customer would call it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.fault.journal import Journal, Sent, Shown


class Kind(StrEnum):
    """What went wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    DISORDER = "out of order"
    MISPAIRED = "wrong answer"
    FOREIGN = "of another conversation"
    BROKEN = "broken promise"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong in one conversation."""

    kind: Kind
    conversation: str
    what: str

    @classmethod
    def of_nobody(cls, what: str) -> "Failure":
        """Something reached the shop that belongs to none of its customers."""
        return cls(Kind.FOREIGN, "-", what)


def judge(journals: Iterable[Journal]) -> list[Failure]:
    """Everything that went wrong."""
    journals = list(journals)
    found = [failure for journal in journals for failure in judge_one(journal)]
    return [*found, *_strangers(journals)]


def judge_one(journal: Journal) -> list[Failure]:
    """What went wrong within one conversation."""
    return [Failure(kind, journal.name, what) for kind, what in _findings(journal)]


def complete(journal: Journal) -> bool:
    """Whether everything is acknowledged and as many answers are there as questions."""
    answers = sum(message.author == "assistant" for message in journal.shown)
    return len(journal.acknowledged) == len(journal.sent) <= answers


def notices(journal: Journal) -> int:
    """How often the gateway itself told the customer something, such as an outage."""
    return sum(message.author == "system" for message in journal.shown)


_Finding = tuple[Kind, str]


def _findings(journal: Journal) -> Iterator[_Finding]:
    for breach in journal.breaches:
        yield Kind.BROKEN, breach
    yield from _acknowledgements(journal)
    yield from _numbers(journal)
    conversation = sorted(journal.shown, key=lambda message: message.seq)
    if not journal.own_seen:
        conversation = _with_own(journal, conversation)
    yield from _own_messages(journal, conversation)
    yield from _answers(journal, conversation)
    yield from _storage(journal)


def _acknowledgements(journal: Journal) -> Iterator[_Finding]:
    last = 0
    for number, sent in enumerate(journal.sent, 1):
        seqs = journal.acknowledged.get(sent.id)
        if not seqs:
            yield Kind.LOST, f"message {number} was never acknowledged"
            continue
        if len(set(seqs)) > 1:
            yield Kind.DOUBLED, f"message {number} was acknowledged with the numbers {seqs}"
        seq = seqs[0]
        if seq is None:
            continue
        if seq <= last:
            yield Kind.DISORDER, f"message {number} got the number {seq}, after {last}"
        last = max(last, seq)
    for id in journal.acknowledged.keys() - {sent.id for sent in journal.sent}:
        yield Kind.FOREIGN, f"{id} was acknowledged, which was not sent"


def _numbers(journal: Journal) -> Iterator[_Finding]:
    """Without gaps or repeats, in the order in which they were shown."""
    seqs = [message.seq for message in journal.shown]
    for before, after in zip([0, *seqs], seqs, strict=False):
        if after <= before:
            kind = Kind.DOUBLED if after in seqs[: seqs.index(after)] else Kind.DISORDER
            yield kind, f"{after} was shown after {before}"
        elif after > before + 1 and journal.own_seen:
            yield Kind.LOST, f"{after} was shown after {before}"
    for id, times in Counter(message.id for message in journal.shown).items():
        if times > 1:
            yield Kind.DOUBLED, f"message {id} was shown {times} times"


def _with_own(journal: Journal, shown: list[Shown]) -> list[Shown]:
    """Over a webhook, the numbers that are left over are those of the customer's messages."""
    numbers = {message.seq for message in shown}
    last = max(numbers, default=0)
    left = [seq for seq in range(1, last + 1) if seq not in numbers]
    unknown = Sent("?", "", "")
    pairs = [(seq, journal.sent[i] if i < len(journal.sent) else unknown)
             for i, seq in enumerate(left)]  # fmt: skip
    own = [Shown(sent.id, seq, "customer", sent.text, client_id=sent.id) for seq, sent in pairs]
    return sorted([*shown, *own], key=lambda message: message.seq)


def _own_messages(journal: Journal, conversation: list[Shown]) -> Iterator[_Finding]:
    own = [message for message in conversation if message.author == "customer"]
    known = {sent.id: sent for sent in journal.sent}
    for id, times in Counter(message.client_id or "" for message in own).items():
        if id not in known:
            kind = Kind.FOREIGN if journal.own_seen else Kind.DOUBLED
            yield kind, f"{times} messages of the customer's that were not sent ({id})"
        elif times > 1:
            yield Kind.DOUBLED, f"the message {id} stands there {times} times"
    for message in own:
        sent = known.get(message.client_id or "")
        if sent is not None and sent.text != message.text:
            yield Kind.BROKEN, f"{message.seq} reads {message.text!r}, was {sent.text!r}"
    missing = known.keys() - {message.client_id for message in own}
    for number, sent in enumerate(journal.sent, 1):
        if sent.id in missing:
            yield Kind.LOST, f"message {number} is not in the conversation"
    there = [message.client_id for message in own if message.client_id in known]
    if there != [sent.id for sent in journal.sent if sent.id in there]:
        yield Kind.DISORDER, "the customer's messages do not stand in the order of sending"


def _answers(journal: Journal, conversation: list[Shown]) -> Iterator[_Finding]:
    """Each question is answered once, with its own answer, in the order of the questions."""
    expected = {sent.id: sent for sent in journal.sent}
    questions: dict[int, Sent] = {}
    answers: defaultdict[int, list[Shown]] = defaultdict(list)
    told: Counter[int] = Counter()
    seq_of: dict[int | str | None, int] = {}
    latest = last = 0
    for message in conversation:
        if message.author == "customer":
            latest = message.seq
            seq_of |= {None: latest, latest: latest, message.client_id or "": latest}
            questions[latest] = expected.get(message.client_id or "", Sent("?", "", ""))
            continue
        asked = seq_of.get(message.reply_to)
        if asked is None:
            yield Kind.FOREIGN, f"{message.seq} replies to {message.reply_to}, no question before"
            continue
        if message.author != "assistant":
            told[asked] += 1
            continue
        answers[asked].append(message)
        if asked < last:
            yield Kind.DISORDER, f"{message.seq} answers {asked}, after an answer to {last}"
        last = max(last, asked)
    for seq, sent in questions.items():
        given = answers[seq]
        if not given:
            yield Kind.LOST, f"{seq} ({sent.text!r}) was not answered"
        elif len(given) > 1:
            yield Kind.DOUBLED, f"{seq} ({sent.text!r}) was answered {len(given)} times"
        if told[seq] > 1:
            yield Kind.DOUBLED, f"at {seq} the customer was told {told[seq]} times"
        for answer in given:
            if answer.source != sent.source:
                what = f"{answer.source}, expected {sent.source}: {answer.text!r}"
                yield Kind.MISPAIRED, f"{seq} ({sent.text!r}) was answered from {what}"


def _storage(journal: Journal) -> Iterator[_Finding]:
    """A fresh client is given what this one was shown."""
    if journal.stored is None:
        return
    if [(m.seq, m.id, m.text) for m in journal.stored] != [
        (m.seq, m.id, m.text) for m in journal.shown
    ]:
        yield (
            Kind.BROKEN,
            f"{len(journal.shown)} messages were shown, and the {len(journal.stored)} that are "
            "stored are not the same",
        )


def _strangers(journals: list[Journal]) -> Iterator[Failure]:
    """No message may be shown in two conversations."""
    owners: dict[str, str] = {}
    for journal in journals:
        for message in journal.shown:
            owner = owners.setdefault(message.id, journal.name)
            if owner != journal.name:
                yield Failure(Kind.FOREIGN, journal.name, f"{message.id} is one of {owner}'s")
