"""Putting into words what a channel cannot show."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.channels.channel import Capabilities
from store.records import Card, MessageRecord, QuickReply


def fit(message: MessageRecord, capabilities: Capabilities) -> MessageRecord:
    """The message as the channel can show it: what it has no form for stands in the text.

    Example: without buttons, their titles follow as lines; a customer who writes one of them is
    understood by the assistant.
    """
    lines = [message.text]
    cards, quick_replies = message.cards, message.quick_replies
    if cards and not capabilities.cards:
        quick_replies = (*quick_replies, *(reply for card in cards for reply in card.quick_replies))
        lines += [_in_words(card) for card in cards]
        cards = ()
    if not capabilities.buttons:
        on_cards = (reply for card in cards for reply in card.quick_replies)
        lines += _listed((*on_cards, *quick_replies))
        cards = tuple(replace(card, quick_replies=()) for card in cards)
        quick_replies = ()
    text = "\n".join(line for line in lines if line)
    return replace(message, text=text, cards=cards, quick_replies=quick_replies)


def _in_words(card: Card) -> str:
    return " · ".join(part for part in (card.title, card.subtitle, card.url) if part)


def _listed(replies: tuple[QuickReply, ...]) -> Iterator[str]:
    for title in dict.fromkeys(reply.title for reply in replies):
        yield f"- {title}"
