"""Shopify, by its GraphQL Admin API."""

from commerce.shopify._shop import Shopify

__all__ = ["Shopify"]
