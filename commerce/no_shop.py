"""Where no shop system is connected: every question for one is a colleague's."""

from typing import NoReturn

from commerce.commerce import Address, Customer, Order, Product, Proof, Return, ReturnRequest
from commerce.errors import NotSupportedError


class NoShop:
    """A ``Commerce`` that can nothing; the forms then pass the customer to a person."""

    async def find_order(self, number: str, proof: Proof) -> Order | None:
        _none()

    async def orders_of(self, customer: Customer, limit: int = 5) -> list[Order]:
        _none()

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        return []

    async def product(self, sku: str) -> Product | None:
        return None

    async def request_return(
        self, number: str, proof: Proof, wanted: ReturnRequest, *, key: str
    ) -> Return:
        _none()

    async def cancel_order(self, number: str, proof: Proof, *, key: str) -> Order:
        _none()

    async def change_address(
        self, number: str, proof: Proof, address: Address, *, key: str
    ) -> Order:
        _none()

    async def close(self) -> None:
        """There is nothing to close."""


def _none() -> NoReturn:
    raise NotSupportedError("no shop system is connected")
