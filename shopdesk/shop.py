"""The shop system, put together from the settings."""

from commerce.commerce import Commerce
from commerce.demo import DemoShop
from commerce.returns import ReturnPolicy
from commerce.shopify import Shopify
from commerce.woocommerce import WooCommerce
from shopdesk.errors import SettingsError
from shopdesk.settings import ROOT, Settings

_DEMO_KNOWLEDGE = ROOT / "knowledge_base/content"
_DEMO_ORDERS = ROOT / "commerce/demo_data/orders.csv"


def load_shop(settings: Settings) -> Commerce | None:
    """What knows the shop's orders and products; None where nothing does.

    The embedded shop takes its products from the knowledge base's list. Only with the demo's own
    knowledge base it has orders too: they name the demo's products.

    Raises:
        SettingsError: a shop system is named, but how to reach it is missing or wrong.
        CommerceError: the list cannot be read, or the orders' database cannot be used.
    """
    try:
        match settings.shop.system:
            case "woocommerce":
                return WooCommerce(
                    settings.shop.url,
                    key=settings.shop_key,
                    secret=settings.shop_secret,
                    currency=settings.shop.currency,
                    weight_unit=settings.shop.weight_unit,
                    packing_statuses=settings.shop.packing_statuses,
                    return_status=settings.shop.return_status,
                )
            case "shopify":
                return Shopify(
                    settings.shop.url,
                    token=settings.shop_token,
                    client_id=settings.shop_key,
                    client_secret=settings.shop_secret,
                )
    except ValueError as error:
        raise SettingsError(
            f"The shop system {settings.shop.system!r} cannot be used: {error}",
            "correct the table [shop] in shopdesk.toml, and SHOPDESK_SHOP_KEY, "
            "SHOPDESK_SHOP_SECRET or SHOPDESK_SHOP_TOKEN; see docs/commerce.md.",
        ) from None
    products = settings.knowledge_base / "products.csv"
    if not products.exists():
        return None
    if settings.knowledge_base != _DEMO_KNOWLEDGE:
        return DemoShop(products, orders=None)
    return DemoShop(products, _DEMO_ORDERS, settings.state_dir / "demo_shop.db")


def load_returns(settings: Settings) -> ReturnPolicy:
    """What the shop promises about returns."""
    chosen = settings.returns
    return ReturnPolicy(chosen.days, chosen.transit_days, chosen.excluded)
