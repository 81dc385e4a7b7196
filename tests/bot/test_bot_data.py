"""The training data, the rules and the responses hold together."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.components.language import script

BOT = Path(__file__).resolve().parents[2] / "bot"
ENOUGH = {"en": 25, "zh": 50}


def read(*parts: str) -> list[dict[str, Any]]:
    """Every YAML file under a folder of the bot."""
    files = sorted(BOT.joinpath(*parts).rglob("*.yml"))
    assert files
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]


def domain(key: str) -> Any:
    """What the domain's files say under ``key``, joined."""
    found = [part[key] for part in read("domain") if key in part]
    if isinstance(found[0], list):
        return [entry for part in found for entry in part]
    return {name: entry for part in found for name, entry in part.items()}


def examples(language: str) -> list[tuple[str, str]]:
    """Every example and its intent."""
    return [
        (line.removeprefix("- "), block["intent"])
        for file in read("data", "nlu", language)
        for block in file["nlu"]
        for line in block["examples"].splitlines()
    ]


INTENTS = [intent for intent in domain("intents") if intent != "nlu_fallback"]
FORMS = domain("forms")
RULES = [rule for file in read("data", "rules") for rule in file["rules"]]


def test_there_are_at_least_twenty_four_intents() -> None:
    assert len(set(INTENTS)) == len(INTENTS) >= 24


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_intent_has_enough_examples(language: str) -> None:
    counts = Counter(intent for _, intent in examples(language))
    assert set(counts) == set(INTENTS)
    assert {name: n for name, n in counts.items() if n < ENOUGH[language]} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_example_stands_twice(language: str) -> None:
    counts = Counter(text.casefold() for text, _ in examples(language))
    assert [text for text, n in counts.items() if n > 1] == []


def test_no_example_belongs_to_two_intents() -> None:
    meant: dict[str, set[str]] = {}
    for text, intent in examples("en") + examples("zh"):
        meant.setdefault(text.casefold(), set()).add(intent)
    assert {text: intents for text, intents in meant.items() if len(intents) > 1} == {}


def test_english_examples_hold_no_chinese() -> None:
    """Bare digits ("42", "#20563") have no letters and go to the Chinese model, as in a chat."""
    assert [text for text, _ in examples("en") if script(text) == "zh"] == []


def test_chinese_examples_hold_nothing_that_the_english_model_would_learn() -> None:
    latin = [text for text, _ in examples("zh") if script(text) == "en"]
    # An address outweighs the word before it, as it does in a chat.
    assert [text for text in latin if "@" not in text] == []


def test_examples_hold_no_entity_markup() -> None:
    # Square brackets would be read as entities; an unclosed one is silently kept as text.
    assert [text for text, _ in examples("en") + examples("zh") if set("[]{}") & set(text)] == []


def test_every_intent_has_a_rule() -> None:
    ruled = {step["intent"] for rule in RULES for step in rule["steps"] if "intent" in step}
    assert ruled == {*INTENTS, "nlu_fallback"}


def test_every_action_of_a_rule_exists() -> None:
    used = {step["action"] for rule in RULES for step in rule["steps"] if "action" in step}
    asked_by_forms = {f"validate_{form}" for form in FORMS}
    assert used | asked_by_forms == {*domain("actions"), *domain("responses"), *FORMS}


def test_every_form_is_started_by_a_wish_and_asks_the_action_server() -> None:
    started = {
        step["active_loop"]: rule["steps"][0]["intent"]
        for rule in RULES
        for step in rule["steps"]
        if "active_loop" in step
    }
    assert set(started) == set(FORMS)
    assert {form["required_slots"] == [] for form in FORMS.values()} == {True}


def test_nothing_that_a_customer_writes_sets_what_the_forms_know() -> None:
    slots = domain("slots")
    kept = ("order_number", "order_proof", "proof_tries", "details", "last_form", "offer_reason")
    for name in kept:
        assert [mapping["type"] for mapping in slots[name]["mappings"]] == ["custom"]


def test_every_question_and_the_fallback_go_to_the_knowledge_base() -> None:
    answered = {
        rule["steps"][0]["intent"]
        for rule in RULES
        if rule["steps"][1]["action"] == "action_answer_question"
    }
    questions = {name for name in INTENTS if name.startswith("ask_")} - {"ask_capabilities"}
    assert answered == {*questions, "nlu_fallback"}


@pytest.mark.parametrize("name", sorted(domain("responses")))
def test_every_response_varies_in_both_languages(name: str) -> None:
    variations = domain("responses")[name]
    written = Counter(script(variation["text"]) for variation in variations)
    assert min(written["en"], written["zh"]) >= 2
    assert len({variation["text"] for variation in variations}) == len(variations)
    for variation in variations:
        chinese = [{"type": "slot", "name": "language", "value": "zh"}]
        expected = chinese if script(variation["text"]) == "zh" else None
        assert variation.get("condition") == expected
        for button in variation.get("buttons", []):
            assert script(button["title"]) == script(variation["text"])
            payload = button["payload"]
            assert (
                payload[1:] in INTENTS
                if payload[0] == "/"
                else script(payload) == script(variation["text"])
            )


def test_responses_state_no_fact_of_the_shop() -> None:
    texts = [entry["text"] for entries in domain("responses").values() for entry in entries]
    assert [text for text in texts if any(map(str.isdigit, text)) or "@" in text] == []
