"""The shop's knowledge, loaded once: search and answering behind one object for all actions."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from actions.follow_up import continues, points_back
from generator.answer import Answer
from knowledge_base.passages import Language, ScoredPassage


class Search(Protocol):
    """What is asked of the retriever."""

    def search(self, query: str, language: Language, k: int) -> list[ScoredPassage]:
        """The ``k`` passages that most likely answer ``query``, best first."""
        ...


class Answering(Protocol):
    """What is asked of the generator."""

    def answer(self, question: str, evidence: list[ScoredPassage], language: Language) -> Answer:
        """An answer grounded in ``evidence``, or an honest refusal."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the question it was found for once the conversation had been looked at."""

    question: str
    answer: Answer


class Knowledge:
    """Answers questions from the shop's knowledge base.

    Args:
        searcher: finds passages.
        answerer: writes from them.
        passages: how many are looked at for one answer.
        workers: answers made side by side; models hold a processor each.
    """

    def __init__(
        self, searcher: Search, answerer: Answering, *, passages: int = 5, workers: int = 2
    ) -> None:
        self._searcher = searcher
        self._answerer = answerer
        self._passages = passages
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="answer")

    async def answer(
        self, question: str, language: Language, previous: str | None = None
    ) -> Answered:
        """Answer ``question``, where it leans on the one before it together with that.

        "And to Norway?" is read together with it first: alone it finds anything about Norway.
        "How long does it take?" may be complete: it is read alone first, because a customer who
        changes the subject must not be answered about the old one.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._answer, question, language, previous)

    def _answer(self, question: str, language: Language, previous: str | None) -> Answered:
        ways = [question]
        if previous and continues(question, language):
            ways.insert(0, f"{previous}\n{question}")
        elif previous and points_back(question, language):
            ways.append(f"{previous}\n{question}")
        for way in ways:
            found = self._once(way, language)
            if found.answer.answered:
                break
        # Where none is answered, the refusal is to the customer's own words.
        return found if found.answer.answered else Answered(question, found.answer)

    def _once(self, question: str, language: Language) -> Answered:
        evidence = self._searcher.search(question, language, k=self._passages)
        return Answered(question, self._answerer.answer(question, evidence, language))
