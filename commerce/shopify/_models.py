"""What Shopify answers, as far as it is asked for; checked before anything is made of it.

Names, and what may be null, are those of the API's schema, 2025-10 to 2026-10. Statuses are texts
here, so that one that Shopify adds makes no answer unreadable.
"""

from decimal import Decimal
from typing import Generic, TypeVar

from pydantic import AwareDatetime, Field

from commerce.shopify._reply import Answered

T = TypeVar("T")


class Nodes(Answered, Generic[T]):
    nodes: list[T]


class Identified(Answered):
    id: str


class Amount(Answered):
    amount: Decimal
    currency_code: str = Field(pattern="^[A-Z]{3}$")


class Charged(Answered):
    presentment_money: Amount


class Shop(Answered):
    iana_timezone: str
    order_number_format_prefix: str
    order_number_format_suffix: str


class Named(Answered):
    name: str


class LineProduct(Answered):
    product_type: str
    category: Named | None


class Line(Answered):
    id: str
    sku: str | None
    variant: Identified | None


class OrderedLine(Line):
    name: str
    quantity: int
    current_quantity: int
    product: LineProduct | None


class Tracking(Answered):
    company: str | None
    number: str | None
    url: str | None


class Fulfillment(Answered):
    status: str
    display_status: str | None
    created_at: AwareDatetime
    delivered_at: AwareDatetime | None
    tracking_info: list[Tracking]


class ShippingAddress(Answered):
    name: str | None
    zip: str | None
    country_code_v2: str | None = Field(alias="countryCodeV2")


class Cancellation(Answered):
    staff_note: str | None


class FoundOrder(Answered):
    id: str
    name: str
    number: int
    email: str | None
    created_at: AwareDatetime
    cancelled_at: AwareDatetime | None
    cancellation: Cancellation | None
    display_fulfillment_status: str
    display_financial_status: str | None
    return_status: str
    customer: Identified | None
    shipping_address: ShippingAddress | None
    line_items: Nodes[OrderedLine]
    fulfillments: list[Fulfillment]
    total_price_set: Charged
    total_shipping_price_set: Charged


class Metafield(Answered):
    value: str


class RestOfAddress(Answered):
    """What of an address Shopdesk does not know, and would wipe out."""

    phone: str | None
    province_code: str | None
    zip: str | None
    country_code_v2: str | None = Field(alias="countryCodeV2")


class OrderIfRedirected(FoundOrder):
    done: Metafield | None


class OrderToRedirect(OrderIfRedirected):
    redirected: RestOfAddress | None


class Orders(Answered, Generic[T]):
    shop: Shop
    orders: Nodes[T]


class CustomerWithOrders(Answered):
    orders: Nodes[FoundOrder]


class OrdersOfCustomer(Answered):
    shop: Shop
    customer: CustomerWithOrders | None


class OneOrder(Answered):
    order: FoundOrder | None


class OneOrderIfRedirected(Answered):
    order: OrderIfRedirected | None


class Job(Answered):
    done: bool


class OneJob(Answered):
    job: Job | None


class FulfilledLine(Answered):
    line_item: Line


class FulfilledLineWithId(FulfilledLine):
    id: str


class ReturnLine(Answered):
    customer_note: str | None
    # Not there of a line that was never fulfilled.
    fulfillment_line_item: FulfilledLine | None = None


class MadeReturn(Answered):
    name: str
    status: str


class ReturnWithLines(MadeReturn):
    return_line_items: Nodes[ReturnLine]


class OrderWithReturns(Answered):
    returns: Nodes[ReturnWithLines]


class ReturnableLine(Answered):
    quantity: int
    fulfillment_line_item: FulfilledLineWithId


class Returnable(Answered):
    returnable_fulfillment_line_items: Nodes[ReturnableLine]


class Returns(Answered):
    order: OrderWithReturns | None
    returnable_fulfillments: Nodes[Returnable]


class Page(Answered):
    has_next_page: bool
    end_cursor: str | None


class Weight(Answered):
    value: Decimal
    unit: str


class Measurement(Answered):
    weight: Weight | None


class InventoryItem(Answered):
    measurement: Measurement


class Option(Answered):
    name: str
    value: str


class Variant(Answered):
    id: str
    sku: str | None
    available_for_sale: bool
    inventory_quantity: int | None
    selected_options: list[Option]
    inventory_item: InventoryItem


class PriceRange(Answered):
    min_variant_price: Amount


class SoldProduct(Answered):
    title: str
    vendor: str
    product_type: str
    category: Named | None
    description: str
    published_at: AwareDatetime | None
    online_store_url: str | None
    price_range_v2: PriceRange = Field(alias="priceRangeV2")
    variants: Nodes[Variant]


class ProductPage(Answered):
    page_info: Page
    nodes: list[SoldProduct]


class Products(Answered):
    products: ProductPage


class UserError(Answered):
    """Why a change was refused. The message is not read: it may quote what the customer wrote."""

    code: str | None = None
    field: list[str] | None = None


class CancelPayload(Answered):
    job: Identified | None
    order_cancel_user_errors: list[UserError]


class Cancelled(Answered):
    order_cancel: CancelPayload


class UpdatePayload(Answered):
    order: FoundOrder | None
    user_errors: list[UserError]


class AddressChanged(Answered):
    order_update: UpdatePayload


class ReturnPayload(Answered):
    made: MadeReturn | None = Field(alias="return")
    user_errors: list[UserError]


class ReturnRequested(Answered):
    return_request: ReturnPayload
