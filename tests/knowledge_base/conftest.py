from collections.abc import Callable
from pathlib import Path

import pytest

PAGE = """---
title: Shipping and delivery
language: en
kind: faq
topic: shipping
url: /help/shipping
---

## How long does delivery take? {#delivery-time}

> When will my parcel arrive?
> How many days until I get my order?

Standard delivery takes **2-4 working days** in the Netherlands.
Express arrives the next day.
"""

HEADER = (
    "sku,name_en,name_zh,category,brand,price_eur,stock,weight_g,colours,sizes,attributes_en,"
    "attributes_zh,description_en,description_zh,url"
)
ROW = (
    "LK-TENT-001,Heron 2,苍鹭 2,tents,Lark,289.00,12,2150,moss|sand,,persons: 2,人数: 2,"
    '"A light tent, for two.",双人轻量帐篷。,/shop/heron-2'
)


@pytest.fixture
def page() -> str:
    return PAGE


@pytest.fixture
def products() -> str:
    return f"{HEADER}\n{ROW}\n"


@pytest.fixture
def content(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Write files into a content folder and give its path."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, text in files.items():
            path = tmp_path / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path / "content"

    return write
