"""The intent model, on toy vectors; the glossary, the n-grams, the encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.components.encoder import MANY, Encoder, EncoderError
from bot.components.glossary import FILE, Glossary, GlossaryError
from bot.components.intent_model import (
    AT_ONCE,
    NOBODY,
    SHARPNESS,
    IntentModel,
    Linear,
    Neighbours,
    Scope,
    evidence,
    pooled,
    softmax,
)
from bot.components.intent_training import _trust, train
from bot.components.ngrams import NGrams
from bot.components.reader import model_language

GREETINGS = ["你好", "您好", "嗨你好", "早上好", "下午好", "晚上好", "好啊你好"]
PARCELS = ["包裹到哪了", "包裹没到", "我的包裹", "快递没到", "快递到哪", "包裹呢", "快递呢"]
THANKS = ["谢谢", "多谢", "谢谢你", "感谢", "谢啦", "非常谢谢"]
CANCELS = ["取消订单", "订单取消", "我要取消", "取消吧", "能取消吗", "帮我取消"]
GROUPS = {"greet": GREETINGS, "track_order": PARCELS, "thank": THANKS, "cancel_order": CANCELS}
TEXTS = [text for group in GROUPS.values() for text in group]
INTENTS = [intent for intent, group in GROUPS.items() for _ in group]
SIGNS = "好包快谢感消"


def vectors(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Unit vectors that count a few characters; those of unknown texts point nowhere near."""
    rows = np.array([[text.count(sign) for sign in SIGNS] for text in texts], np.float32)
    rows = np.hstack([rows, np.where(rows.sum(axis=1) == 0, 1.0, 0.05)[:, None]])
    unit: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(TEXTS, vectors(TEXTS), INTENTS, "zh")


def ranked(model: IntentModel, text: str) -> list[tuple[str, float]]:
    return [(s.intent, s.confidence) for s in model.rank(text, vectors([text])[0])]


@pytest.mark.parametrize(
    ("text", "intent"),
    [("你好呀", "greet"), ("包裹还没到", "track_order"), ("要取消", "cancel_order")],
)
def test_new_messages_are_told_apart(model: IntentModel, text: str, intent: str) -> None:
    assert ranked(model, text)[0][0] == intent


def test_the_ranking_holds_every_intent_and_falls(model: IntentModel) -> None:
    found = ranked(model, "包裹")
    assert {intent for intent, _ in found} == set(GROUPS)
    confidences = [confidence for _, confidence in found]
    assert confidences == sorted(confidences, reverse=True) or confidences[0] < 0.5
    assert all(0 <= confidence <= 1 for confidence in confidences)


def test_no_other_intent_is_likelier_than_what_is_left(model: IntentModel) -> None:
    (_, sure), *others = ranked(model, "你好包裹")
    assert all(confidence <= 1 - sure + 1e-9 for _, confidence in others)


def test_a_message_that_fits_nothing_is_not_trusted(model: IntentModel) -> None:
    assert ranked(model, "zzz qqq")[0][1] < ranked(model, "包裹到哪了")[0][1]


def test_many_are_ranked_as_one_by_one(model: IntentModel) -> None:
    asked = ["你好呀", "包裹还没到", ""]
    together = model.rank_all(asked, vectors(asked))
    for text, row in zip(asked, together, strict=True):
        alone = ranked(model, text)
        assert [s.intent for s in row] == [intent for intent, _ in alone]
        assert [s.confidence for s in row] == pytest.approx([sure for _, sure in alone])


def test_a_stored_model_ranks_as_before(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path, "zh", "zh")
    again = IntentModel.load(tmp_path, "zh")
    assert again.intents == model.intents
    for text in ("快递到了没", "Hello 你好", ""):
        before, after = ranked(model, text), ranked(again, text)
        assert [intent for intent, _ in after] == [intent for intent, _ in before]
        assert [c for _, c in after] == pytest.approx([c for _, c in before], abs=1e-4)


def test_a_stored_model_runs_no_code(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path, "zh", "zh")
    with np.load(tmp_path / "zh.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays} == {"f", "i"}


def test_two_intents_are_enough() -> None:
    texts, intents = GREETINGS + PARCELS, ["greet"] * 7 + ["track_order"] * 7
    small = train(texts, vectors(texts), intents, "zh")
    assert small.meaning.weights.shape == (2, len(SIGNS) + 1)
    assert ranked(small, "你好呀")[0][0] == "greet"


def test_too_few_examples_are_refused_by_name() -> None:
    texts, intents = [*GREETINGS, "再见"], ["greet"] * 7 + ["goodbye"]
    with pytest.raises(
        ValueError, match=r"goodbye has 1 examples; expected .* Write more examples"
    ):
        train(texts, vectors(texts), intents, "zh")


def test_every_expert_is_heard() -> None:
    said = [np.array([[2.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[0.0, 0.5]])]
    assert pooled(said, np.array([1.0, 0.0, 0.0])).argmax() == 0
    assert pooled(said, np.array([1.0, 3.0, 0.0])).argmax() == 1
    assert pooled(said, np.array([1.0, 1.0, 3.0])).tolist() == [[2.0, 2.5]]


def test_who_is_right_is_trusted_more() -> None:
    gold = np.tile([0, 1], 50)
    right = np.where(np.eye(2)[gold] == 1, 2.0, 0.0)
    noise = np.random.default_rng(0).normal(size=right.shape)
    mixed = right + 3 * noise
    trust = _trust(np.stack([right, mixed, noise]), gold)
    assert trust[0] > 10 * trust[1] > 0
    assert pooled([right, mixed, noise], trust).argmax(axis=1).tolist() == gold.tolist()


def test_the_evidence_is_odds_familiarity_and_the_bare_score() -> None:
    logits = np.array([[2.0, 0.0], [0.0, 0.0]])
    found = evidence(logits, np.array([0.9, 0.1]))
    assert found[0] == pytest.approx([2.0, 0.9, 2.0])
    assert found[1] == pytest.approx([0.0, 0.1, 0.0])
    assert softmax(logits).sum(axis=1) == pytest.approx([1, 1])


def test_familiarity_is_the_mean_cosine_of_the_nearest() -> None:
    few = Neighbours(np.eye(3, dtype=np.float32), np.array([0, 1, 1]), 2)
    assert few.read(np.eye(3)[:1])[1] == pytest.approx([1 / 3])
    same = Neighbours(np.repeat(np.eye(3)[:1], 9, axis=0), np.zeros(9, dtype=int), 2)
    assert same.read(np.eye(3)[:1])[1] == pytest.approx([1])


def test_the_nearest_examples_vote_the_nearer_the_more() -> None:
    near, far = [0.8, 0.6], [0.6, 0.8]
    known = Neighbours(np.array([near, far, far]), np.array([0, 1, 1]), 3)
    (scores,), _ = known.read(np.array([[1.0, 0.0]]))
    votes = np.exp([SHARPNESS * (0.8 - 1), SHARPNESS * (0.6 - 1)])
    assert np.exp(scores) == pytest.approx(NOBODY + np.array([votes[0], 2 * votes[1], 0]))


def test_many_messages_are_compared_in_parts() -> None:
    random = np.random.default_rng(0)
    known = Neighbours(random.normal(size=(90, 4)), random.integers(0, 3, 90), 3)
    asked = random.normal(size=(AT_ONCE + 7, 4))
    scores, familiar = known.read(asked)
    for place in (0, AT_ONCE - 1, AT_ONCE, AT_ONCE + 6):
        (alone,), (how,) = known.read(asked[place : place + 1])
        assert scores[place] == pytest.approx(alone)
        assert familiar[place] == pytest.approx(how)
    assert known.read(asked[:0])[0].shape == (0, 3)


def test_the_scope_turns_evidence_into_a_probability() -> None:
    scope = Scope(np.array([1.0, 0.0, 0.0]), 0.0)
    assert scope.confidence(np.array([[0.0, 9.0, 9.0], [4.0, 0.0, 0.0]])) == pytest.approx(
        [0.5, 0.982], abs=1e-3
    )


def test_an_expert_scores_dense_rows() -> None:
    expert = Linear(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.5, 0.0]))
    assert expert.scores(np.array([[1.0, 1.0]])).tolist() == [[1.5, 2.0]]


def test_english_ngrams_are_words_and_parts_of_words() -> None:
    grams = NGrams.fit(["my parcel", "the parcel"], "en")
    words, parts = grams.vocabularies
    assert "my parcel" in words
    assert "arce" in parts
    assert grams.transform(["parcle"]).nnz > 0  # a typing error leaves some parts right
    assert grams.transform([""]).nnz == 0


def test_ngrams_are_restored_as_they_were() -> None:
    grams = NGrams.fit(TEXTS, "zh")
    again = NGrams.restore("zh", grams.vocabularies, grams.idf)
    assert (grams.transform(TEXTS) != again.transform(TEXTS)).nnz == 0


def test_the_longest_word_is_read_first() -> None:
    glossary = Glossary({"人工": "person", "转人工": "talk to a human", "吗": ""})
    assert glossary.read("能转人工吗？OK") == "能 talk to a human ？ok"
    assert glossary.read("人工") == "person"
    assert glossary.read("") == ""


@pytest.mark.parametrize("line", ["订单", "\torder", "订单\torder\n订单\tagain"])
def test_a_broken_glossary_is_refused_by_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "glossary.tsv"
    file.write_text(f"# words\n{line}\n", encoding="utf-8")
    with pytest.raises(GlossaryError, match=r"glossary.tsv:[23]: found"):
        Glossary.load(file)
    with pytest.raises(GlossaryError, match="no readable file"):
        Glossary.load(tmp_path / "gone.tsv")


def test_the_bots_glossary_reads_shop_talk() -> None:
    glossary = Glossary.load(FILE)
    assert "order" in glossary.read("我的订单到哪了")
    assert "return" in glossary.read("想退货")


@pytest.mark.parametrize(("text", "language"), [("hi", "en"), ("你好", "zh"), ("???", "zh")])
def test_what_has_no_letters_goes_to_the_characters(text: str, language: str) -> None:
    assert model_language(text) == language


def test_a_missing_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"model\.onnx does not exist.*SHOPDESK_ENCODER_DIR"):
        Encoder(tmp_path)


@pytest.mark.integration
def test_the_encoder_puts_paraphrases_close(encoder_dir: Path) -> None:
    encoder = Encoder(encoder_dir)
    first, paraphrase, other = encoder.encode(
        [
            "How long does delivery take?",
            "How many days until it is delivered?",
            "Is it waterproof?",
        ]
    )
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-4)
    assert first @ paraphrase > 0.6 > 0.3 > first @ other
    assert encoder.encode([]).shape == (0, 384)


@pytest.mark.integration
def test_many_texts_are_embedded_in_their_order(encoder_dir: Path) -> None:
    encoder = Encoder(encoder_dir)
    texts = [f"Order {number}, please" for number in range(MANY + 1)]
    together = encoder.encode(texts)
    for place in (0, 31, MANY):
        assert np.array_equal(together[place], encoder.encode([texts[place]])[0])
