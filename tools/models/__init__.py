"""The weights that ship: an embedder and a judge, with the script that made them.

`export.py` turns float weights into these files; `EMBEDDER.md` and `JUDGE.md` are
their model cards. Nothing is downloaded at run time.
"""

import os
from pathlib import Path

# The official builds of onnxruntime tell its maker of each session, by default and in the
# background, and leave an identifier in the user's cache. It is decided when onnxruntime is first
# imported, which nothing here does before this package.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_HERE = Path(__file__).parent

EMBEDDER = _HERE / "embedder.onnx"
JUDGE = _HERE / "judge.onnx"
TOKENIZER = _HERE / "tokenizer.json"
"""WordPiece, uncased English, 30,522 pieces; the embedder and the judge share it."""
CALIBRATION = _HERE / "calibration.json"
"""Temperature and bias of the judge's logits, and how they were found."""
CHECKWORTHINESS = _HERE / "checkworthiness.json"
"""Weights of words and of features of form."""
