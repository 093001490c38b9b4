"""Chroma, loaded and set up without what it would read by itself.

Its settings are a pydantic-settings class: each is taken from the environment, and from a file
`.env` in the current folder, by names without a prefix, already when Chroma is imported. Such a
file, come with a folder of articles, could name a server for what is to stay on this machine, or a
class to load; one meant for another program, with a value that Chroma refuses, would keep it from
loading.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chromadb.config import Settings

_LOADING = threading.Lock()


def load_chroma() -> None:
    """Imports `chromadb`; whatever settings it makes meanwhile are its defaults."""
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings

    with _LOADING:
        usual = BaseSettings.__init__

        def as_given(settings: BaseSettings, *args: Any, **values: Any) -> None:
            if type(settings).__module__.startswith("chromadb."):
                BaseModel.__init__(settings, **values)
            else:  # another thread's
                usual(settings, *args, **values)

        BaseSettings.__init__ = as_given  # type: ignore[assignment, method-assign]
        try:
            import chromadb  # noqa: F401
        finally:
            BaseSettings.__init__ = usual  # type: ignore[method-assign]


def chroma_settings() -> Settings:
    """Chroma's settings as they are by default, telemetry apart, which is off."""
    load_chroma()
    from chromadb.config import Settings

    return Settings.model_construct(anonymized_telemetry=False)
