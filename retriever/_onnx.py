"""A sentence encoder of torch as an ONNX file, the same way for each model."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from retriever._quiet import quiet

if TYPE_CHECKING:
    import torch

Pooling = Literal["mean", "cls"]

_LENGTH = 9
"""Tokens of the example that torch follows; any length above 1 would do."""


def write_onnx(
    transformer: "torch.nn.Module",
    pooling: Pooling,
    inputs: tuple[str, ...],
    max_tokens: int,
    path: Path,
    *,
    weights_apart: bool = False,
) -> None:
    """Write ``transformer``, ``pooling`` over its tokens and unit length as one ONNX model.

    The model takes int64 ``inputs`` of shape (batch, length) and gives ``sentence_embedding``,
    float32 unit vectors of shape (batch, dimensions).

    Args:
        transformer: with eager attention: the fused kernel's mask does not export with a free
            length.
        inputs: ``input_ids``, ``attention_mask`` and, where it is wanted, ``token_type_ids``.
        max_tokens: the longest text the model will be given.
        weights_apart: put the weights into a second file beside ``path``.
    """
    import torch

    class SentenceEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = transformer.eval()

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> torch.Tensor:
            types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            states = self.model(
                input_ids=input_ids, attention_mask=attention_mask, **types
            ).last_hidden_state
            if pooling == "cls":
                pooled = states[:, 0]
            else:
                weights = attention_mask.unsqueeze(-1).to(states.dtype)
                pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=-1)

    # Two rows of several tokens: with sizes of 1, torch would take them for fixed.
    ids = torch.arange(2 * _LENGTH).reshape(2, _LENGTH)
    example = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "token_type_ids": torch.zeros_like(ids),
    }
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=max_tokens)}
    with quiet():
        torch.onnx.export(
            SentenceEncoder(),
            tuple(example[name] for name in inputs),
            path,
            input_names=list(inputs),
            # Not "embedding": the model has an inner value of that name.
            output_names=["sentence_embedding"],
            dynamic_shapes=dict.fromkeys(inputs, free),
            opset_version=18,
            dynamo=True,
            external_data=weights_apart,
            verbose=False,
        )
