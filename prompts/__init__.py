"""The prompts, one Markdown file each, loaded strictly.

A prompt file has two sections, `# System` and `# User`. Variables are written
`{{name}}`; the caller must give exactly the variables that the file names. A value
can never introduce a variable of its own: substitution is one pass.

`{{examples:name}}` stands for the worked examples of `examples/name.json`, a list of
objects with `shows` (what the example is there for), `given` (lines of input) and
`answer` (the JSON that a good answer is). They are data, so that tests can hold each
answer to the same checks as a model's.

The SHA-256 of the file and of its examples is the prompt's version; reports and the
journal carry it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from agent.errors import PromptError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_EXAMPLES = re.compile(r"\{\{\s*examples:([a-z][a-z0-9_]*)\s*\}\}")
_PLACE = re.compile(r"\{\{\s*((?:examples:)?[a-z][a-z0-9_]*)\s*\}\}")
_SECTIONS = re.compile(r"\A# System\n(?P<system>.+?)\n# User\n(?P<user>.+)\Z", re.DOTALL)


@dataclass(frozen=True)
class Rendered:
    """A prompt with its variables filled in, ready to send."""

    name: str
    version: str
    """SHA-256 of the prompt file and its examples, hexadecimal."""
    system: str
    user: str


@dataclass(frozen=True)
class Example:
    """A worked example of a prompt."""

    shows: str
    """What it is there for, in a few words."""
    given: str
    """The input, as the prompt lays it out."""
    answer: dict[str, Any]

    def __str__(self) -> str:
        answer = json.dumps(self.answer, ensure_ascii=False)
        return f"Example ({self.shows}).\n{self.given}\nAnswer:\n{answer}"


@dataclass(frozen=True)
class Prompt:
    """A prompt file, parsed."""

    name: str
    version: str
    system: str
    user: str
    variables: frozenset[str]
    examples: Mapping[str, tuple[Example, ...]]

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

        filled = {f"examples:{n}": "\n\n".join(map(str, e)) for n, e in self.examples.items()}
        filled |= values

        def fill(template: str) -> str:
            # One pass for both: the JSON of an example has brace pairs of its own.
            return _PLACE.sub(lambda match: filled[match[1]], template)

        return Rendered(self.name, self.version, fill(self.system), fill(self.user))


def parse(name: str, text: str, examples: Mapping[str, str] | None = None) -> Prompt:
    """Reads the text of a prompt file.

    Args:
        name: what it is called in errors.
        text: the file.
        examples: the texts of the example files that it names, by name, and no others.

    Raises:
        PromptError: the sections are not as described above, a brace pair is no variable, or an
            example is not as described.
    """
    examples = examples or {}
    match = _SECTIONS.match(text)
    if match is None:
        raise PromptError(f"prompt {name!r} needs the sections '# System' and '# User', in order")
    system, user = match["system"].strip(), match["user"].strip()
    if not system or not user:
        raise PromptError(f"prompt {name!r} has an empty section")
    if "{{" in (rest := _PLACE.sub("", text)) or "}}" in rest:
        raise PromptError(f"prompt {name!r} has braces that are no variable like '{{{{name}}}}'")
    if examples.keys() != set(_EXAMPLES.findall(text)):
        raise PromptError(f"prompt {name!r} was not given the examples that it names")
    variables = frozenset(_VARIABLE.findall(system) + _VARIABLE.findall(user))
    digest = hashlib.sha256(text.encode())
    for other in sorted(examples):
        digest.update(f"\0{other}\0{examples[other]}".encode())
    parsed = {other: _parse_examples(other, text) for other, text in examples.items()}
    return Prompt(name, digest.hexdigest(), system, user, variables, parsed)


def _parse_examples(name: str, text: str) -> tuple[Example, ...]:
    try:
        entries = json.loads(text)
        found = tuple(
            Example(entry["shows"], "\n".join(entry["given"]), entry["answer"])
            for entry in entries
            if entry.keys() == {"shows", "given", "answer"} and isinstance(entry["given"], list)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PromptError(f"the examples {name!r} cannot be read: {error}") from error
    whole = all(isinstance(e.shows, str) and isinstance(e.answer, dict) for e in found)
    if not found or len(found) != len(entries) or not whole:
        raise PromptError(f"the examples {name!r} need 'shows', 'given' and 'answer', each of them")
    return found


@cache
def load(name: str) -> Prompt:
    """The prompt `name` that ships with the project.

    Raises:
        PromptError: no such prompt, or its file or one of its examples is malformed or missing.
    """
    if not _NAME.fullmatch(name):
        raise PromptError(f"{name!r} is not a prompt's name")
    text = _read(f"{name}.md")
    named = set(_EXAMPLES.findall(text))
    return parse(name, text, {other: _read(f"examples/{other}.json") for other in named})


def _read(path: str) -> str:
    file = files(__name__).joinpath(path)
    if not file.is_file():
        raise PromptError(f"there is no prompt file {path!r}")
    return file.read_text(encoding="utf-8")


def as_data(text: str) -> str:
    """Text for a prompt that cannot close the tags which delimit it there."""
    return text.replace("<", "‹").replace(">", "›")
