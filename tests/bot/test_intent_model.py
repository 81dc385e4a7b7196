from pathlib import Path

import numpy as np
import pytest

from bot.components.encoder import Encoder, EncoderError
from bot.components.intent_model import Characters, IntentModel, train

GREETINGS = ["你好", "您好", "嗨你好", "早上好", "下午好", "晚上好", "好啊你好"]
PARCELS = ["包裹到哪了", "包裹没到", "我的包裹", "快递没到", "快递到哪", "包裹呢", "快递呢"]
TEXTS = GREETINGS + PARCELS
INTENTS = ["greet"] * len(GREETINGS) + ["ask_shipping"] * len(PARCELS)


@pytest.fixture(scope="module")
def trained() -> tuple[IntentModel, Characters]:
    model, features = train(TEXTS, INTENTS, Characters.fit)
    assert isinstance(features, Characters)
    return model, features


def test_new_messages_are_told_apart(trained: tuple[IntentModel, Characters]) -> None:
    model, features = trained
    assert model.rank(features.transform(["你好呀"]))[0].intent == "greet"
    assert model.rank(features.transform(["包裹还没到"]))[0].intent == "ask_shipping"


def test_the_ranking_is_a_distribution(trained: tuple[IntentModel, Characters]) -> None:
    model, features = trained
    ranking = model.rank(features.transform(["包裹"]))
    assert {scored.intent for scored in ranking} == {"greet", "ask_shipping"}
    assert sum(scored.confidence for scored in ranking) == pytest.approx(1)
    assert ranking[0].confidence >= ranking[1].confidence


def test_a_text_of_unknown_characters_is_not_trusted(
    trained: tuple[IntentModel, Characters],
) -> None:
    model, features = trained
    known = model.rank(features.transform(["包裹到哪了"]))[0].confidence
    assert model.rank(features.transform(["zzz"]))[0].confidence < known


def test_a_stored_model_ranks_as_before(
    trained: tuple[IntentModel, Characters], tmp_path: Path
) -> None:
    model, features = trained
    model.save(tmp_path, "zh", features)
    again, restored = IntentModel.load(tmp_path, "zh")
    assert isinstance(restored, Characters)
    for text in ("快递到了没", "Hello 你好", ""):
        before = model.rank(features.transform([text]))
        assert again.rank(restored.transform([text])) == before


def test_features_that_were_not_learnt_are_not_stored(tmp_path: Path) -> None:
    IntentModel(("a", "b"), np.eye(2), np.zeros(2), 0.5).save(tmp_path, "en")
    model, features = IntentModel.load(tmp_path, "en")
    assert features is None
    assert model.rank(np.array([0.0, 1.0]))[0].intent == "b"


def test_temperature_spreads_the_probabilities() -> None:
    def confidence(temperature: float) -> float:
        model = IntentModel(("a", "b"), np.eye(2), np.zeros(2), temperature)
        return model.rank(np.array([1.0, 0.0]))[0].confidence

    assert confidence(0.2) > confidence(1.0) > confidence(5.0) > 0.5


def test_three_intents_have_three_rows_of_weights() -> None:
    texts, intents = [*TEXTS, "谢谢", "多谢", "谢谢你", "感谢", "谢啦"], [*INTENTS, *["thank"] * 5]
    model, _ = train(texts, intents, Characters.fit)
    assert model.intents == ("ask_shipping", "greet", "thank")
    assert len(model.weights) == len(model.bias) == 3


def test_too_few_examples_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"thank has 1 examples; expected .* Write more examples"):
        train([*TEXTS, "谢谢"], [*INTENTS, "thank"], Characters.fit)


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
