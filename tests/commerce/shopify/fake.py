"""A Shopify of the tests' own: the parts of its GraphQL Admin API that Shopdesk asks.

The shapes are those of the API's schema. It knows an operation by its name, and fields not by
theirs: it answers with all that it has.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.commerce.shop_server import Fault, Reply, Request, ShopServer

Json = dict[str, Any]

TOKEN = "shpat_secret0of0the0tests"
CLIENT = ("client0of0the0tests", "shpss_secret0of0the0app")
ORDER_ID = "gid://shopify/Order/501"


@dataclass(frozen=True)
class Trouble(Fault):
    """A fault of requests of this operation; empty for any."""

    operation: str = ""

    def fits(self, request: Request) -> bool:
        return super().fits(request) and self.operation in ("", operation_of(request))


def an_error(code: str, **extensions: Any) -> Reply:
    """GraphQL's way to say that something went wrong: in an answer with status 200."""
    error = {
        "message": "Ada at 1 Secret Street",
        "extensions": {"code": code, **extensions.pop("error", {})},
    }
    return Reply(data={"errors": [error], "extensions": extensions})


def throttled(missing: float, most: float = 2000.0) -> Reply:
    """Not enough points: so many are missing, and a hundred come back each second."""
    status = {"maximumAvailable": most, "currentlyAvailable": 10, "restoreRate": 100.0}
    return an_error(
        "THROTTLED", cost={"requestedQueryCost": 10 + missing, "throttleStatus": status}
    )


def money(amount: str, currency: str = "EUR") -> Json:
    # The shop's own currency is another one: what was charged is in the customer's.
    return {
        "presentmentMoney": {"amount": amount, "currencyCode": currency},
        "shopMoney": {"amount": "1.0", "currencyCode": "USD"},
    }


def a_line(sku: str | None = "LK-TENT-001", quantity: int = 2, **changes: Any) -> Json:
    return {
        "id": f"gid://shopify/LineItem/{sku}",
        "sku": sku,
        "name": "Heron 2 tent - sand",
        "quantity": quantity,
        "currentQuantity": quantity,
        "variant": {"id": "gid://shopify/ProductVariant/87"},
        "product": {"productType": "Tents", "category": {"name": "Camping Tents"}},
    } | changes


def a_parcel(**changes: Any) -> Json:
    url = "https://post.example/track?n=PP1"
    return {
        "status": "SUCCESS",
        "displayStatus": "IN_TRANSIT",
        "createdAt": "2026-01-09T09:00:00Z",
        "deliveredAt": None,
        "trackingInfo": [{"company": "Polderpost", "number": "PP1", "url": url}],
    } | changes


def an_order(**changes: Any) -> Json:
    order: Json = {
        "id": ORDER_ID,
        "name": "#1001",
        "number": 1001,
        "email": "Ada@example.com",
        "createdAt": "2026-01-07T23:30:00Z",
        "cancelledAt": None,
        "cancellation": None,
        "displayFulfillmentStatus": "UNFULFILLED",
        "displayFinancialStatus": "PAID",
        "returnStatus": "NO_RETURN",
        "customer": {"id": "gid://shopify/Customer/77"},
        "shippingAddress": {
            "name": "Ada Example",
            "zip": "3011 WN",
            "countryCodeV2": "NL",
            "phone": "+31101234567",
            "provinceCode": "ZH",
        },
        "lineItems": {"nodes": [a_line()]},
        "fulfillments": [],
        "totalPriceSet": money("562.95"),
        "totalShippingPriceSet": money("4.95"),
    }
    return order | changes


def operation_of(request: Request) -> str:
    if "graphql" not in request.path:
        return ""
    match = re.match(r"\s*(?:query|mutation) (\w+)", request.json["query"])
    return match[1] if match else ""


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


class FakeShopify(ShopServer):
    """Answers as Shopify would, and does what it is asked.

    Attributes:
        looks_until_cancelled: cancelling goes on in the background while it is looked so often.
        refusals: operation to the userErrors that it gets.
        page_limit: the most products that one page may hold.
    """

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Json] = [an_order()]
        self.products: list[Json] = []
        self.returns: dict[str, list[Json]] = {}
        self.metafields: dict[tuple[str, str], Json] = {}
        self.prefix, self.zone = "#", "Europe/Amsterdam"
        self.looks_until_cancelled = 0
        self.refusals: dict[str, list[Json]] = {}
        self.page_limit = 250
        self.tokens = [TOKEN]
        self.changes: list[str] = []
        self.cancelling: tuple[Json, str] | None = None
        self.does: dict[str, Callable[[Json], Json]] = {
            "FindOrders": self._find,
            "FindOrdersToRedirect": self._find,
            "OrdersOf": self._orders_of,
            "ReadOrder": self.read_order,
            "ReadOrderIfRedirected": self.read_order,
            "ReadJob": lambda _: {"job": {"done": self.cancelling is None}},
            "ReadReturns": self._read_returns,
            "ReadProducts": self._read_products,
            "CancelOrder": self._cancel,
            "ChangeAddress": self._change_address,
            "RequestReturn": self._request_return,
        }

    @property
    def operations(self) -> list[str]:
        return [operation_of(request) for request in self.requests]

    def variables(self, operation: str) -> list[Json]:
        """Those of all requests of this operation, in their order."""
        asked = [r for r in self.requests if operation_of(r) == operation]
        return [request.json["variables"] for request in asked]

    def answer(self, request: Request) -> Reply:
        if request.path == "/admin/oauth/access_token":
            return self._exchange(request.json)
        if request.headers.get("x-shopify-access-token") not in self.tokens:
            return Reply(401, {"errors": "[API] Invalid API key or access token"})
        if request.path != "/admin/api/2026-10/graphql.json":
            return Reply(404, {"errors": "Not Found"})
        variables = request.json["variables"]
        if variables.get("first", 0) > self.page_limit:
            return an_error("MAX_COST_EXCEEDED")
        data = self.does[operation_of(request)](variables)
        return Reply(data={"data": copy.deepcopy(data), "extensions": {"cost": None}})

    def _exchange(self, asked: Json) -> Reply:
        shown = (asked["client_id"], asked["client_secret"])
        if shown != CLIENT or asked["grant_type"] != "client_credentials":
            return Reply(400, {"error": "invalid_client"})
        self.tokens = [f"shpat_of_the_day_{len(self.requests)}"]
        return Reply(data={"access_token": self.tokens[0], "scope": "", "expires_in": 86399})

    def _shop(self) -> Json:
        return {
            "ianaTimezone": self.zone,
            "orderNumberFormatPrefix": self.prefix,
            "orderNumberFormatSuffix": "",
        }

    def _with_mark(self, order: Json, done: str = "") -> Json:
        found = {**order, "done": self.metafields.get((order["id"], done))}
        return {**found, "redirected": order["shippingAddress"]}

    def _find(self, asked: Json) -> Json:
        # By what names begin with: more than was meant, as Shopify does.
        names = [term.removeprefix("name:") for term in asked["query"].split(" OR ")]
        found = [
            self._with_mark(order, asked.get("done", ""))
            for order in self.orders
            if any(_letters(order["name"]).startswith(_letters(name)) for name in names)
        ]
        return {"shop": self._shop(), "orders": {"nodes": found[:5]}}

    def _by_id(self, order_id: str) -> Json:
        return next(order for order in self.orders if order["id"] == order_id)

    def _orders_of(self, asked: Json) -> Json:
        theirs = [o for o in self.orders if (o["customer"] or {}).get("id") == asked["customer"]]
        customer = {"orders": {"nodes": theirs[: asked["limit"]]}} if theirs else None
        return {"shop": self._shop(), "customer": customer}

    def read_order(self, asked: Json) -> Json:
        if self.cancelling:
            if self.looks_until_cancelled > 0:
                self.looks_until_cancelled -= 1
            else:
                order, note = self.cancelling
                order["cancelledAt"] = "2026-01-08T10:00:00Z"
                order["cancellation"] = {"staffNote": note}
                self.cancelling = None
        return {"order": self._with_mark(self._by_id(asked["id"]), asked.get("done", ""))}

    def _read_returns(self, asked: Json) -> Json:
        order = self._by_id(asked["id"])
        returns = self.returns.get(order["id"], [])
        gone = sum(
            line["quantity"] for made in returns for line in made["returnLineItems"]["nodes"]
        )
        lines = [
            {
                "quantity": max(0, line["quantity"] - gone),
                "fulfillmentLineItem": {
                    "id": f"gid://shopify/FulfillmentLineItem/{line['sku']}",
                    "lineItem": line,
                },
            }
            for line in order["lineItems"]["nodes"]
            if order["fulfillments"]
        ]
        parcel = {"returnableFulfillmentLineItems": {"nodes": lines}}
        return {
            "order": {"returns": {"nodes": returns}},
            "returnableFulfillments": {"nodes": [parcel] if lines else []},
        }

    def _read_products(self, asked: Json) -> Json:
        start = int(asked["after"] or 0)
        end = start + asked["first"]
        info = {"hasNextPage": end < len(self.products), "endCursor": str(end)}
        return {"products": {"pageInfo": info, "nodes": self.products[start:end]}}

    def _cancel(self, asked: Json) -> Json:
        if errors := self.refusals.get("CancelOrder"):
            return {"orderCancel": {"job": None, "orderCancelUserErrors": errors}}
        self.changes.append("cancel")
        self.cancelling = (self._by_id(asked["id"]), asked["note"])
        job = {"id": "gid://shopify/Job/1"}
        return {"orderCancel": {"job": job, "orderCancelUserErrors": []}}

    def _change_address(self, asked: Json) -> Json:
        if errors := self.refusals.get("ChangeAddress"):
            return {"orderUpdate": {"order": None, "userErrors": errors}}
        self.changes.append("address")
        given = asked["input"]
        order, new = self._by_id(given["id"]), given["shippingAddress"]
        order["shippingAddress"] = {
            "name": f"{new['firstName']} {new['lastName']}",
            "zip": new["zip"],
            "countryCodeV2": new["countryCode"],
            "phone": new.get("phone"),
            "provinceCode": new.get("provinceCode"),
        }
        for metafield in given["metafields"]:
            self.metafields[order["id"], metafield["key"]] = metafield
        return {"orderUpdate": {"order": order, "userErrors": []}}

    def _request_return(self, asked: Json) -> Json:
        if errors := self.refusals.get("RequestReturn"):
            return {"returnRequest": {"return": None, "userErrors": errors}}
        self.changes.append("return")
        order = self._by_id(asked["input"]["orderId"])
        made = self.returns.setdefault(order["id"], [])
        lines = [
            {
                "customerNote": line["customerNote"],
                "quantity": line["quantity"],
                "fulfillmentLineItem": {"lineItem": order["lineItems"]["nodes"][0]},
            }
            for line in asked["input"]["returnLineItems"]
        ]
        name = f"{order['name']}-R{len(made) + 1}"
        made.append({"name": name, "status": "REQUESTED", "returnLineItems": {"nodes": lines}})
        return {"returnRequest": {"return": made[-1], "userErrors": []}}
