"""Where a chat is, from what people type."""

import pytest

from shopdesk.chat import chat_address
from shopdesk.errors import ShopdeskError


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/v1/chat"),
        ("https://shop.example/", "wss://shop.example/v1/chat"),
        ("https://shop.example/help/v1/chat", "wss://shop.example/help/v1/chat"),
        ("ws://127.0.0.1:8000/v1/chat", "ws://127.0.0.1:8000/v1/chat"),
    ],
)
def test_an_address_of_the_web_is_one_of_a_chat(typed: str, address: str) -> None:
    assert chat_address(typed) == address


@pytest.mark.parametrize("typed", ["shop.example", "ftp://shop.example", "http://", "http:///v1"])
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ShopdeskError, match="no address of a chat") as error:
        chat_address(typed)
    assert repr(typed) in str(error.value)
