"""The three changes that a customer may ask for, and who asks."""

from collections.abc import Awaitable, Callable
from typing import Any

from commerce.commerce import Address, Order, Proof, Return, ReturnRequest
from commerce.shopify import Shopify
from tests.commerce.shopify.fake import a_parcel, an_order

ADA = Proof(email="ada@example.com")
EVE = Proof(email="eve@example.com")
HOME = Address("Ada B. Example", "Coolsingel 1\n3rd floor\nleft", "3012 AA", "Rotterdam", "NL")
TENT = ReturnRequest("lk-tent-001", 1, "refund", "It leaks.")

Change = Callable[[Shopify, Proof, str], Awaitable[Order | Return]]


async def cancel(shop: Shopify, proof: Proof = ADA, key: str = "k1") -> Order:
    return await shop.cancel_order("1001", proof, key=key)


async def redirect(shop: Shopify, proof: Proof = ADA, key: str = "k1") -> Order:
    return await shop.change_address("1001", proof, HOME, key=key)


async def give_back(shop: Shopify, proof: Proof = ADA, key: str = "k1") -> Return:
    return await shop.request_return("1001", proof, TENT, key=key)


CHANGES = (cancel, redirect, give_back)


def sent(**changes: Any) -> dict[str, Any]:
    return an_order(
        **{"displayFulfillmentStatus": "FULFILLED", "fulfillments": [a_parcel()], **changes}
    )
