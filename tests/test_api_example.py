"""The client of `docs/api.md` does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fake_embedder import WordEmbedder
from tests.serving import serving


def test_the_python_client_of_the_docs_checks_an_article_and_asks_why(
    word_library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    address = "http://127.0.0.1:8765"
    assert address in example
    with serving(word_library, WordEmbedder()) as service:
        exec(example.replace(address, service), {})  # noqa: S102 - our own page
    out = capsys.readouterr().out
    assert "conflicting The Tallis Bridge cost 12 million euros." in out
    assert "Valley Post Officials say that the crossing at Tallis cost 15 million euros" in out
