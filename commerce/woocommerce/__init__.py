"""WooCommerce, by its REST API v3."""

from commerce.woocommerce._shop import WooCommerce

__all__ = ["WooCommerce"]
