"""The prompts, one Markdown file each, loaded strictly.

A prompt file has two sections, `# System` and `# User`. Variables are written
`{{name}}`; the caller must give exactly the variables that the file names. A value
can never introduce a variable of its own: substitution is one pass. The SHA-256 of
the file is the prompt's version; reports and the journal carry it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from agent.errors import PromptError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_SECTIONS = re.compile(r"\A# System\n(?P<system>.+?)\n# User\n(?P<user>.+)\Z", re.DOTALL)


@dataclass(frozen=True)
class Rendered:
    """A prompt with its variables filled in, ready to send."""

    name: str
    version: str
    """SHA-256 of the prompt file, hexadecimal."""
    system: str
    user: str


@dataclass(frozen=True)
class Prompt:
    """A prompt file, parsed."""

    name: str
    version: str
    system: str
    user: str
    variables: frozenset[str]

    def render(self, **values: str) -> Rendered:
        """Fills in the variables.

        Raises:
            PromptError: a variable is missing, unknown, or not text.
        """
        if values.keys() != self.variables:
            missing = sorted(self.variables - values.keys())
            unknown = sorted(values.keys() - self.variables)
            raise PromptError(
                f"prompt {self.name!r}: missing variables {missing}, unknown variables {unknown}"
            )
        for name, value in values.items():
            if not isinstance(value, str):
                raise PromptError(f"prompt {self.name!r}: variable {name!r} is not text")

        def fill(template: str) -> str:
            return _VARIABLE.sub(lambda match: values[match[1]], template)

        return Rendered(self.name, self.version, fill(self.system), fill(self.user))


def parse(name: str, text: str) -> Prompt:
    """Reads the text of a prompt file.

    Raises:
        PromptError: the sections are not as described above, or a brace pair is no variable.
    """
    match = _SECTIONS.match(text)
    if match is None:
        raise PromptError(f"prompt {name!r} needs the sections '# System' and '# User', in order")
    system, user = match["system"].strip(), match["user"].strip()
    if not system or not user:
        raise PromptError(f"prompt {name!r} has an empty section")
    if "{{" in _VARIABLE.sub("", text) or "}}" in _VARIABLE.sub("", text):
        raise PromptError(f"prompt {name!r} has braces that are no variable like '{{{{name}}}}'")
    variables = frozenset(_VARIABLE.findall(system) + _VARIABLE.findall(user))
    version = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(name, version, system, user, variables)


@cache
def load(name: str) -> Prompt:
    """The prompt `name` that ships with the project.

    Raises:
        PromptError: no such prompt, or its file is malformed.
    """
    if not _NAME.fullmatch(name):
        raise PromptError(f"{name!r} is not a prompt's name")
    file = files(__name__).joinpath(f"{name}.md")
    if not file.is_file():
        raise PromptError(f"there is no prompt {name!r}")
    return parse(name, file.read_text(encoding="utf-8"))


def as_data(text: str) -> str:
    """Text for a prompt that cannot close the tags which delimit it there."""
    return text.replace("<", "‹").replace(">", "›")
