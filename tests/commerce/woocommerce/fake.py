"""A WooCommerce of the tests' own: what its REST API v3 answers, as documented."""

import base64
import copy
import json
from typing import Any

from commerce.commerce import Commerce, Order, Proof
from tests.commerce.shop_server import Reply, Request, ShopServer

KEY, SECRET = "ck_public", "cs_secret"
ADA = Proof(email="ada@example.com")

_STATUSES = frozenset(
    {
        *("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"),
        *("trash", "ready-to-ship", "return-requested"),
    }
)
_ROOT = "/wp-json/wc/v3"
_BILLING = {
    "first_name": "Ada",
    "last_name": "Example",
    "company": "",
    "address_1": "Dam 1",
    "address_2": "",
    "city": "Amsterdam",
    "state": "",
    "postcode": "1012 JS",
    "country": "NL",
    "email": "Ada@example.com",
    "phone": "(555) 555-5555",
}


def order(identity: int = 727, /, **fields: Any) -> dict[str, Any]:
    """An order as in the documentation of the API."""
    shipping = {k: v for k, v in _BILLING.items() if k not in ("email", "phone")}
    return {
        "id": identity,
        "parent_id": 0,
        "number": str(identity),
        "order_key": "wc_order_58d2d042d1d",
        "created_via": "checkout",
        "status": "processing",
        "currency": "EUR",
        "date_created": "2026-03-23T00:28:02",
        "date_created_gmt": "2026-03-22T23:28:02",
        "date_paid": "2026-03-23T00:28:08",
        "date_completed": None,
        "date_completed_gmt": None,
        "shipping_total": "10.00",
        "shipping_tax": "2.10",
        "total": "59.35",
        "total_tax": "10.30",
        "prices_include_tax": False,
        "customer_id": 12,
        "customer_ip_address": "203.0.113.7",
        "billing": copy.deepcopy(_BILLING),
        "shipping": {**shipping, "city": "Rotterdam", "postcode": "3011 WN", "company": "Co"},
        "payment_method_title": "Direct Bank Transfer",
        "meta_data": [{"id": 13106, "key": "_download_permissions_granted", "value": "yes"}],
        "line_items": [
            {
                "id": 315,
                "name": "Ben &amp; Co Tent",
                "product_id": 93,
                "variation_id": 0,
                "quantity": 2,
                "tax_class": "",
                "subtotal": "6.00",
                "total": "6.00",
                "total_tax": "0.45",
                "taxes": [{"id": 75, "total": "0.45", "subtotal": "0.45"}],
                "meta_data": [],
                "sku": "TENT-1",
                "price": 3,
            }
        ],
        "refunds": [],
        **fields,
    }


def product(identity: int = 93, /, **fields: Any) -> dict[str, Any]:
    """A product as in the documentation of the API."""
    return {
        "id": identity,
        "name": "Ben &amp; Co Heron tent",
        "permalink": f"https://shop.example/product/{identity}/",
        "type": "simple",
        "status": "publish",
        "catalog_visibility": "visible",
        "short_description": "<p>Warm &amp; light.<br />For <b>two</b></p>\n<script>x()</script>",
        "sku": f"TENT-{identity}",
        "price": "21.99",
        "manage_stock": True,
        "stock_quantity": 5,
        "stock_status": "instock",
        "weight": "2.3",
        "categories": [{"id": 9, "name": "Tents &amp; tarps", "slug": "tents"}],
        "brands": [{"id": 3, "name": "Ben &amp; Co", "slug": "ben-co"}],
        "attributes": [
            {"id": 6, "name": "Color", "position": 0, "options": ["Black", "Green"]},
            {"id": 0, "name": "Size", "position": 1, "options": ["S", "M"]},
        ],
        **fields,
    }


class FakeWoo(ShopServer):
    """Its orders, products and notes may be read and changed by the tests."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[int, dict[str, Any]] = {}
        self.products: list[dict[str, Any]] = [product()]
        self.notes: dict[int, list[str]] = {}
        self.may_write = True
        # A taxed shop reckons totals anew when an address changes.
        self.total_after_address = ""

    def add(self, **fields: Any) -> dict[str, Any]:
        new = order(fields.pop("id", 727), **fields)
        self.orders[new["id"]] = new
        return new

    def meta(self, number: int, key: str) -> Any:
        return next((m["value"] for m in self.orders[number]["meta_data"] if m["key"] == key), None)

    def answer(self, request: Request) -> Reply:
        expected = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return _error(401, "woocommerce_rest_cannot_view")
        if request.method != "GET" and not self.may_write:
            return _error(401, "woocommerce_rest_authentication_error")
        match request.method, request.path.removeprefix(_ROOT).strip("/").split("/"):
            case "GET", ["orders"]:
                return self._listed(request, self._found_orders(request))
            case method, ["orders", number] if number.isdecimal():
                if int(number) not in self.orders:
                    return _error(404, "woocommerce_rest_shop_order_invalid_id")
                if method == "PUT":
                    return self._changed(request, self.orders[int(number)])
                return Reply(data=_fields(request, self.orders[int(number)]))
            case "GET", ["orders", number, "notes"]:
                notes = self.notes.get(int(number), [])
                return Reply(data=[{"id": i, "note": note} for i, note in enumerate(notes)])
            case "POST", ["orders", number, "notes"]:
                assert request.json["customer_note"] is False
                self.notes.setdefault(int(number), []).append(request.json["note"])
                return Reply(201, {"id": 281, "note": request.json["note"]})
            case "GET", ["products"]:
                return self._listed(request, self._found_products(request))
        return _error(404, "rest_no_route")

    def _found_orders(self, request: Request) -> list[dict[str, Any]]:
        found = sorted(self.orders.values(), key=lambda o: o["date_created"], reverse=True)
        if customer := request.query.get("customer"):
            found = [o for o in found if str(o["customer_id"]) == customer]
        if text := request.query.get("search"):
            found = [o for o in found if text in json.dumps([o["number"], o["billing"]])]
        return [o for o in found if o["status"] != "trash"]

    def _found_products(self, request: Request) -> list[dict[str, Any]]:
        found = sorted(self.products, key=lambda p: p["id"], reverse=True)
        if include := request.query.get("include"):
            found = [p for p in found if str(p["id"]) in include.split(",")]
        if sku := request.query.get("sku"):
            return [p for p in found if p["sku"].lower() in (sku.lower(), *sku.lower().split(","))]
        # Only who asks for an article number is told of variations.
        return [p for p in found if p["type"] != "variation"]

    def _listed(self, request: Request, rows: list[dict[str, Any]]) -> Reply:
        each, page = int(request.query.get("per_page", 10)), int(request.query.get("page", 1))
        assert each <= 100
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // each))}
        shown = rows[(page - 1) * each : page * each]
        return Reply(data=[_fields(request, row) for row in shown], headers=headers)

    def _changed(self, request: Request, order: dict[str, Any]) -> Reply:
        change = request.json
        if "status" in change:
            if change["status"] not in _STATUSES:
                return _error(400, "rest_invalid_param")
            order["status"] = change["status"]
        if "shipping" in change:
            order["shipping"].update(change["shipping"])
            order["total"] = self.total_after_address or order["total"]
        for meta in change.get("meta_data", []):
            same = [m for m in order["meta_data"] if m["key"] == meta["key"]]
            order["meta_data"] = [m for m in order["meta_data"] if m not in same]
            order["meta_data"].append({"id": 1, **meta})
        return Reply(data=_fields(request, order))


def _fields(request: Request, row: dict[str, Any]) -> dict[str, Any]:
    wanted = request.query["_fields"].split(",")
    return {field: row[field] for field in wanted if field in row}


def _error(status: int, code: str) -> Reply:
    return Reply(status, {"code": code, "message": "No.", "data": {"status": status}})


async def found(shop: Commerce, number: str = "727", proof: Proof = ADA) -> Order:
    """The order, which is there."""
    order = await shop.find_order(number, proof)
    assert order is not None
    return order
