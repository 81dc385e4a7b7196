"""What WooCommerce answers, as far as it is used: REST API v3 (``wc/v3``).

Plugins change these answers, and PHP writes an empty object as ``[]`` and a missing text as null.
What can be read all the same is; what cannot is said with the name of the field, without its value.
"""

import html
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from commerce.errors import ShopUnavailableError


def _or_empty_text(value: object) -> object:
    return "" if value is None else value


def _or_empty_object(value: object) -> object:
    return {} if value is None or value == [] else value


def _or_empty_list(value: object) -> object:
    return [] if value is None or value == {} else value


def _or_none(value: object) -> object:
    return None if value == "" else value


def _or_zero(value: object) -> object:
    return 0 if value is None or value == "" else value


# Names come with entities: "Ben &amp; Co".
Plain = Annotated[
    str, BeforeValidator(_or_empty_text), AfterValidator(lambda text: html.unescape(text).strip())
]
# Where entities are part of the markup, and no business of ours.
Markup = Annotated[str, BeforeValidator(_or_empty_text)]
Amount = Decimal
Moment = Annotated[datetime | None, BeforeValidator(_or_none)]


class _Answered(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class WooAddress(_Answered):
    """Of the customer or of the delivery; of the latter all is empty where nothing is sent."""

    first_name: Plain = ""
    last_name: Plain = ""
    state: Plain = ""
    postcode: Plain = ""
    country: Plain = ""
    # Of the customer only.
    email: Plain = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class WooLine(_Answered):
    """``sku`` is empty where the shop has given none, ``product_id`` 0 where it was deleted."""

    name: Plain
    product_id: Annotated[int, BeforeValidator(_or_zero)] = 0
    quantity: Annotated[int, Field(ge=0)]
    sku: Plain = ""

    @property
    def article(self) -> str:
        """The article number; where there is none, the number that WordPress gave, ``#87``."""
        return self.sku or f"#{self.product_id}"


class WooMeta(_Answered):
    """What a plugin, or Shopdesk, has put to an order. Its value may be anything."""

    key: Plain = ""
    value: Any = None


class WooOrder(_Answered):
    """An order. Its dates are those of the shop's time zone, its amounts without tax but total."""

    id: Annotated[int, Field(gt=0)]
    number: Annotated[Plain, Field(min_length=1)]
    status: Annotated[Plain, Field(min_length=1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    date_created: datetime
    date_completed: Moment = None
    total: Amount
    shipping_total: Amount
    shipping_tax: Annotated[Amount, BeforeValidator(_or_zero)] = Decimal(0)
    customer_id: Annotated[int, BeforeValidator(_or_zero)] = 0
    billing: Annotated[WooAddress, BeforeValidator(_or_empty_object)]
    shipping: Annotated[WooAddress, BeforeValidator(_or_empty_object)]
    line_items: Annotated[list[WooLine], BeforeValidator(_or_empty_list)]
    meta_data: Annotated[list[WooMeta], BeforeValidator(_or_empty_list)] = []

    def meta(self, key: str) -> object:
        """The value under this name, or None. The newest where there are several."""
        return next((meta.value for meta in reversed(self.meta_data) if meta.key == key), None)


class WooNamed(_Answered):
    """A category or a brand."""

    name: Plain = ""


class WooAttribute(_Answered):
    """A product has ``options`` of it; a variation of a product, one ``option``."""

    name: Plain = ""
    options: Annotated[list[Plain], BeforeValidator(_or_empty_list)] = []
    option: Plain = ""


class WooProduct(_Answered):
    """A product; of a variable one, the price is that of its cheapest variation."""

    id: Annotated[int, Field(gt=0)]
    name: Plain
    sku: Plain = ""
    permalink: Markup = ""
    catalog_visibility: Plain = ""
    price: Annotated[Amount | None, BeforeValidator(_or_none)] = None
    # Some plugins sell by the metre.
    stock_quantity: Annotated[Decimal | None, BeforeValidator(_or_none)] = None
    stock_status: Plain = "instock"
    weight: Plain = ""
    short_description: Markup = ""
    categories: Annotated[list[WooNamed], BeforeValidator(_or_empty_list)] = []
    brands: Annotated[list[WooNamed], BeforeValidator(_or_empty_list)] = []
    attributes: Annotated[list[WooAttribute], BeforeValidator(_or_empty_list)] = []


class WooProductCategories(_Answered):
    """A product of which only that is asked."""

    id: int
    categories: Annotated[list[WooNamed], BeforeValidator(_or_empty_list)] = []


class WooNote(_Answered):
    """A note that somebody, or a program, has put to an order."""

    note: Plain = ""


ORDER_FIELDS = ",".join(WooOrder.model_fields)
PRODUCT_FIELDS = ",".join(WooProduct.model_fields)

_Model = TypeVar("_Model", bound=BaseModel)


def read_as(model: type[_Model], data: object, what: str, address: str) -> _Model:
    """``data``, an answer of the shop at ``address``, as ``model``.

    Raises:
        ShopUnavailableError: it does not fit; names ``what`` and the field.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # Without its cause: that quotes what was found, and it is a customer's.
        raise ShopUnavailableError(f"the shop at {address} {_misfit(error, what)}") from None


def read_list(data: object, what: str, address: str) -> list[Any]:
    """``data``, an answer of the shop at ``address``, as a list of anything.

    Raises:
        ShopUnavailableError: it is none; names ``what``.
    """
    try:
        return TypeAdapter(list[Any]).validate_python(data, strict=True)
    except ValidationError as error:
        raise ShopUnavailableError(f"the shop at {address} {_misfit(error, what)}") from None


def _misfit(error: ValidationError, what: str) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"]))
    found = f"{what} of which `{field}` does not fit" if field else f"what is not {what}"
    return (
        f"answered with {found} ({first['msg']}). Look whether a plugin changes what its REST "
        "API answers."
    )
