"""The demo shop: true to the knowledge base, and a customer of the widget like any other."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "gateway" / "demo_shop"
CONTENT = ROOT / "knowledge_base" / "content"
PAGES = {"en": SHOP / "index.html", "zh": SHOP / "zh.html"}


@pytest.mark.parametrize("language", PAGES)
def test_products_are_those_of_the_catalogue(language):
    page = PAGES[language].read_text("utf-8")
    shown = re.findall(
        r'<li class="product" id="([\w-]+)">.*?<h3>(.*?)</h3>.*?class="brand">(.*?)<'
        r'.*?<data value="([\d.]+)">€ ([\d.]+)<',
        page,
        re.DOTALL,
    )
    with (CONTENT / "products.csv").open(encoding="utf-8") as file:
        products = {row["url"].rpartition("/")[2]: row for row in csv.DictReader(file)}
    assert len(shown) == 8
    for slug, name, brand, value, price in shown:
        product = products[slug]
        expected = (product[f"name_{language}"], product["brand"], product["price_eur"])
        assert (name, brand, value) == expected
        assert price == value


@pytest.mark.parametrize("language", PAGES)
def test_every_source_of_the_knowledge_base_has_its_place(language):
    page = PAGES[language].read_text("utf-8")
    urls = {
        match[1]
        for file in (CONTENT / language).rglob("*.md")
        if (
            match := re.search(
                r"^url: (?:/zh)?/(?:help|policies)/(.+)$", file.read_text("utf-8"), re.MULTILINE
            )
        )
    }
    assert len(urls) >= 8
    missing = {name for name in urls if f'id="help-{name}"' not in page}
    assert missing == set()


@pytest.mark.parametrize("language", PAGES)
def test_the_widget_is_one_script_tag(language):
    page = PAGES[language].read_text("utf-8")
    assert page.count("/widget/") == 1
    assert '<script type="module" src="/widget/shopdesk.js"></script>' in page
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("name", "path", "options"),
    [
        ("en", "/", {}),
        ("en-dark", "/", {"color_scheme": "dark"}),
        ("zh", "/zh", {}),
        ("phone-en", "/", {"viewport": {"width": 390, "height": 844}}),
        (
            "phone-zh-dark",
            "/zh",
            {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
        ),
    ],
)
def test_the_page_and_its_chat(visit, gateway, artefacts, name, path, options):
    gateway.answers.append({"text": "Gladly."})
    page = visit.context(**options).new_page()
    page.goto(gateway.origin + path)
    page.locator(".launcher").wait_for()
    page.wait_for_timeout(300)
    page.screenshot(path=artefacts / f"shop-{name}.png")
    page.screenshot(path=artefacts / f"shop-{name}-whole.png", full_page=True)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    button = page.locator(".topic button").first
    question = button.inner_text()
    button.click()
    expect(page.locator(".composer textarea")).to_have_value(question)
    page.locator(".composer .send").click()
    expect(page.locator(".message")).to_have_count(2)


@pytest.mark.e2e
def test_a_source_leads_to_the_topic_in_the_language_read_last(visit, gateway):
    page = visit.context().new_page()
    page.goto(f"{gateway.origin}/help/shipping")
    page.wait_for_url(f"{gateway.origin}/#help-shipping")
    expect(page.locator("#help-shipping")).to_be_in_viewport()
    page.goto(f"{gateway.origin}/zh")
    page.goto(f"{gateway.origin}/zh/policies/returns")
    page.wait_for_url(f"{gateway.origin}/zh#help-returns")
    page.goto(f"{gateway.origin}/shop/heron-2-tent")
    page.wait_for_url(f"{gateway.origin}/zh#heron-2-tent")
    page.goto(f"{gateway.origin}/shop/not-on-this-page")
    page.wait_for_url(f"{gateway.origin}/zh#products")
