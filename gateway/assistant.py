"""Asking the assistant, which is Rasa, what to say."""

from asyncio import Semaphore
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.commands import as_plain_text
from gateway.errors import AssistantError
from gateway.replies import Reply, parse_replies
from gateway.texts import Language, LanguageDetector
from store.records import CustomerRecord

_LARGEST_REPLY = 1_000_000  # bytes; an answer with its passages is a few thousand


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer said.

    Attributes:
        text: the words, or a quick reply's title.
        language: the language of the text.
        page_language: the language of the page it was written on.
        command: the payload of a quick reply that the server offered, None for typed text.
        customer: whom the shop says it is, None for an anonymous customer.
    """

    conversation_id: str
    message_id: str
    text: str
    language: Language
    page_language: Language
    command: str | None = None
    customer: CustomerRecord | None = None


class Assistant:
    """The client of Rasa's channel.

    Args:
        url: of Rasa, ``http://127.0.0.1:5005``.
        token: shared with Rasa; for its channel and its HTTP API.
        detect_language: tells the language of Rasa's fixed texts.
        timeout: seconds for one reply. Rasa's lock on a conversation lives 60 s; an answer that
            takes longer could run beside the next one.
        concurrency: how many questions Rasa is given at once; more wait here, where waiting
            does not use up their time.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        detect_language: LanguageDetector,
        timeout: float = 30.0,
        concurrency: int = 16,
    ) -> None:
        self._detect_language = detect_language
        self._places = Semaphore(concurrency)
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout, connect=3.0, pool=None),
            limits=httpx.Limits(max_connections=concurrency + 2, max_keepalive_connections=None),
            # Rasa is on this machine or in this network; a proxy of the environment is not meant.
            trust_env=False,
        )

    async def ask(self, question: Question) -> list[Reply]:
        """Give the question to Rasa and read its replies, at least one.

        To ask the same again is safe: Rasa's channel knows a message by its id, and what it has
        done for it once it does not do twice.

        Raises:
            AssistantError: there is no reply, or none that can be used.
        """
        metadata: dict[str, Any] = {
            "language": question.page_language,
            "message_id": question.message_id,
        }
        if (customer := question.customer) is not None:
            metadata["customer"] = {
                "id": customer.external_id,
                "name": customer.name,
                "email": customer.email,
            }
        body = {
            "sender": question.conversation_id,
            "message": question.command or as_plain_text(question.text),
            "metadata": metadata,
        }
        async with self._places:
            try:
                response = await self._client.post("/webhooks/shopdesk/webhook", json=body)
            except httpx.ReadTimeout as error:
                raise AssistantError("Rasa did not reply in time", retry=True) from error
            except httpx.HTTPError as error:
                what = type(error).__name__
                raise AssistantError(f"Rasa could not be reached: {what}", retry=True) from error
        if response.status_code != httpx.codes.OK:
            raise AssistantError(
                f"Rasa replied with HTTP status {response.status_code}, expected 200",
                retry=response.is_server_error,
            )
        if len(response.content) > _LARGEST_REPLY:
            raise AssistantError(
                f"Rasa replied with {len(response.content)} bytes, expected at most "
                f"{_LARGEST_REPLY}",
                retry=False,
            )
        return parse_replies(
            response.content, language=question.language, detect_language=self._detect_language
        )

    async def check(self) -> None:
        """Raise unless Rasa runs and has its model loaded.

        Raises:
            AssistantError: it does not, or has not.
        """
        try:
            response = await self._client.get("/webhooks/shopdesk/ready", timeout=3.0)
        except httpx.HTTPError as error:
            raise AssistantError("does not answer", retry=True) from error
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise AssistantError("has no model loaded", retry=True)
        if response.status_code != httpx.codes.OK:
            raise AssistantError(f"answers with HTTP status {response.status_code}", retry=True)

    async def close(self) -> None:
        """Close the connections to Rasa."""
        await self._client.aclose()
