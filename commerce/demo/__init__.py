"""The embedded demo shop, kept in files."""

from commerce.demo._files import ORDER_COLUMNS, PRODUCT_COLUMNS
from commerce.demo._shop import DemoShop

__all__ = ["ORDER_COLUMNS", "PRODUCT_COLUMNS", "DemoShop"]
