"""What an action reads from Rasa's tracker."""

import pytest

from actions.follow_up import continues, points_back
from actions.turn import read_turn


@pytest.mark.parametrize(
    ("text", "page", "language"),
    [
        ("Where is my parcel?", "en", "en"),
        ("我的包裹到哪里了？", "en", "zh"),
        ("Where is my parcel?", "zh", "en"),
        ("LK", "zh", "en"),
        ("123456?", "zh", "zh"),
        ("123456?", None, "en"),
        ("/request_human", "zh", "zh"),
        ("123", "tlh", "en"),
    ],
)
def test_language_is_the_messages_and_else_the_pages(tracker, text, page, language):
    assert read_turn(tracker(text, page=page)).language == language


def test_previous_question_skips_small_talk(tracker):
    before = (("How long is delivery?", "ask_shipping"), ("thanks", "thank"))
    assert read_turn(tracker("and to Norway?", before=before)).previous_question == (
        "How long is delivery?"
    )


def test_there_is_no_question_before_the_first(tracker):
    turn = read_turn(tracker("hello there", "greet"))
    assert turn.previous_question is None
    assert turn.intent == "greet"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("and to Norway?", "en"),
        ("What about sale items", "en"),
        ("那退货呢？", "zh"),
        ("如果是瑞士呢", "zh"),
        ("德国呢？", "zh"),
    ],
)
def test_some_messages_only_go_on(text, language):
    assert continues(text, language)


@pytest.mark.parametrize(
    ("text", "language"), [("how long does that take?", "en"), ("这个能退吗", "zh")]
)
def test_some_messages_may_mean_what_was_named_before(text, language):
    assert points_back(text, language)
    assert not continues(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Do you sell kayaks?", "en"),
        ("Which card brands do you take?", "en"),
        ("And " + "a very long story about something else " * 3, "en"),
        ("你们卖皮划艇吗？", "zh"),
        ("怎么付款", "zh"),
    ],
)
def test_new_subjects_do_neither(text, language):
    assert not continues(text, language)
    assert not points_back(text, language)
