"""Text freed of what copying, printing and markup leave in it, with the way back.

A reader sees past a soft hyphen, a tag or a line broken in mid-sentence; a tokenizer and a
sentence splitter do not. `clean` gives the text as a reader takes it, for comparing and rating,
and `Cleaned.span` leads from there to the text as it stands, which is what is quoted.
"""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufe00-\ufe0f\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
)
# Ligatures, full-width forms and letters of mathematical alphabets: typography, not meaning.
# A superscript (`km²`) means something and stays.
_VARIANTS = "\ufb00-\ufb06\uff01-\uff5e\uffe0\uffe1\uffe5\uffe6\U0001d400-\U0001d7ff"
_SPACES = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|small|"
    "span|strong|sub|sup|time|tt|u|var|wbr"
)
_BLOCK = (
    "address|article|aside|blockquote|body|button|caption|center|dd|div|dl|dt|figcaption|figure|"
    "footer|form|h[1-6]|head|header|hr|html|iframe|img|input|li|link|main|meta|nav|noscript|ol|p|"
    "picture|pre|section|source|svg|table|tbody|td|tfoot|th|thead|title|tr|ul|video|br"
)
_CLOSED = r"\s{{0,9}}/?\s{{0,9}}(?:{})\b(?:\s[^<>]{{0,500}})?/?"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_HIDING = re.compile(r"<(?:(!--)|(script|style)\b[^<>]*>)", re.I)
_SHOWN_AFTER = {
    "!--": re.compile("-->"),
    "script": re.compile(r"</script\s*>", re.I),
    "style": re.compile(r"</style\s*>", re.I),
}
"""What ends each of the parts that a page does not show."""
_INLINE_TAG = re.compile(f"<{_CLOSED.format(_INLINE)}>", re.I)
_BLOCK_TAG = re.compile(rf"(?<![ \t])[ \t]*(?:<{_CLOSED.format(_BLOCK)}>\s*)+", re.I)
_VARIANT = re.compile(f"[{_VARIANTS}]")
# The zero-width space is a place to break a line: web pages have it between words, too.
_ZERO_SPACE = re.compile("(?<=[a-z.,;:!?])\u200b+(?=[A-Z])")
_TURNED = re.compile("\u202e([^\u202a-\u202e\u2066-\u2069\n]{2,})")
"""What is shown from right to left, whatever its letters (UAX #9, RLO)."""
_UNSEEN = re.compile(f"\u00ad[ \t]*\n[ \t]*|[{_INVISIBLE}]")
_MARK = re.compile(r"[^\W\d_][\u0300-\u036f]{1,30}")
"""A letter with its marks; sorting them takes quadratic time, and 30 do for any (UAX #15)."""
_BROKEN = re.compile(r"(?<=[a-z]{2})-[ \t]*\n[ \t]*(?=[a-z]{2})")
"""A word broken at the end of a line."""
_COMPOUND = re.compile(
    r"\b(?:anti|co|cross|ex|full|half|high|ill|long|low|mid|multi|non|off|one|part|post|pre|pro|self|"
    r"semi|short|so|two|well)$",
    re.I,
)
"""What often opens a compound, whose hyphen is then its own. A dictionary would tell more."""
# Letters that are drawn as Latin ones are (of UTS #39, those that texts are disguised with). Greek
# letters that stand for something in names and units (`TNFα`, `μm`) are not among them.
_LATIN_LIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝӏАВЕНІЈКМОРСТУХЅԌԜοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսհ",
    "aeopcyxijshdqwlABEHIJKMOPCTYXSGWoivABEZHIKMNOPTYXouh",
)
_CYRILLIC_LIKE = {latin: letter for letter, latin in _LATIN_LIKE.items() if 0x400 <= letter < 0x530}
_TWO_SCRIPTS = re.compile("[A-Za-z][\u0370-\u0589]|[\u0370-\u0589][A-Za-z]")
_WORD_OF_LETTERS = re.compile(r"[^\W\d_]+")
_NOT_LATIN = re.compile("[\u0370-\u0589]")
# Between figures they part thousands, which a plain space does not.
_ODD_SPACE = re.compile(rf"(?<!\d)[{_SPACES}]|[{_SPACES}](?!\d)")
_RUN = re.compile(r" {2,}|(?<=\n) +| +(?=\n)")
_BREAK = re.compile(r"(?<=\S)\n(?=[\w“\"'‘(€$£])")
_ENDS = '.!?:;…。！？"”’»)'
_WRAPPED = 0.5
"""Share of line breaks before a small letter, from which all breaks are taken for wraps; in
a list, a table, or where lines are sentences or headings there are hardly any."""
_LEAST_LETTERS, _STRAY = 20, 0.1
"""Fewest letters of a text that is said to be in one case, and how many small ones may stand among
capitals (`iPhone`, `McCall`)."""
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_OPENS = re.compile(r"(?:^|(?<=[.!?]\s)|(?<=\n\n))[a-z]")
_NEEDED = re.compile(
    rf"[{_INVISIBLE}{_VARIANTS}{_SPACES}\u0300-\u036f&<]|  |\n"  # what any of the steps acts on
)


@dataclass(frozen=True)
class Cleaned:
    """A cleaned text and where each of its characters stands in the original.

    Attributes:
        text: the cleaned text.
        starts, ends: of each character, its half-open span in the original; both empty where
            nothing was changed.
    """

    text: str
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A half-open span of the cleaned text as one of the original; an empty one is (0, 0)."""
        if start >= end:
            return 0, 0
        return (self.starts[start], self.ends[end - 1]) if self.starts else (start, end)


_PASSAGE = 4000
"""Characters up to which a text counts as a passage, which comes again with each claim."""


def clean(text: str) -> Cleaned:
    """The text as a reader takes it.

    Entities of HTML are resolved and its tags taken out; characters that do not show are
    dropped, and what they turn round is turned back; ligatures, full-width and mathematical letters
    become plain ones, and letters of another script within a word those that they look like; words
    broken at the end of a line and lines broken within a sentence are joined; runs of spaces become
    one.
    White space, punctuation and letters are otherwise as they were: a text without any of these
    comes back as it is.
    """
    return _of_passage(text) if len(text) <= _PASSAGE else _cleaned(text)


def _cleaned(text: str) -> Cleaned:
    if not _NEEDED.search(text) and not _TWO_SCRIPTS.search(text):
        return Cleaned(text)
    draft = _Draft(text)
    if "&" in text:
        draft.replace(_ENTITY, lambda match: html.unescape(match[0]))
    if "<" in draft.text:
        draft.put((start, end, " ") for start, end in _hidden(draft.text))
        draft.replace(_BLOCK_TAG, lambda _: "\n\n")
        draft.replace(_INLINE_TAG, lambda _: "")
    draft.replace(_VARIANT, lambda match: unicodedata.normalize("NFKC", match[0]))
    draft.replace(_ZERO_SPACE, lambda _: " ")
    draft.replace(_TURNED, lambda match: match[1][::-1])
    draft.replace(_UNSEEN, lambda _: "")
    draft.replace(_MARK, lambda match: unicodedata.normalize("NFC", match[0]))
    if _TWO_SCRIPTS.search(draft.text):
        draft.replace(_WORD_OF_LETTERS, lambda match: _in_one_script(match[0]))
    draft.replace(_ODD_SPACE, lambda _: " ")
    if "\n" in draft.text:
        draft.replace(_BROKEN, _mended)
        draft.replace(_RUN, lambda match: " " if match[0].startswith("  ") else "")
        _join_lines(draft)
    draft.replace(_RUN, lambda match: " ")
    return draft.cleaned(text)


_of_passage = lru_cache(maxsize=1024)(_cleaned)


def _hidden(text: str) -> Iterator[tuple[int, int]]:
    """Comments, scripts and styles, in linear time: no end is looked for twice in vain."""
    endless: set[str] = set()
    at = 0
    while opening := _HIDING.search(text, at):
        at = opening.end()
        kind = (opening[1] or opening[2]).lower()
        if kind in endless:
            continue
        if closing := _SHOWN_AFTER[kind].search(text, at):
            at = closing.end()
            yield opening.start(), at
        else:
            endless.add(kind)


def _in_one_script(word: str) -> str:
    """A word whose letters of another script are drawn as Latin ones are; or the other way."""
    if word.isascii() or not _NOT_LATIN.search(word):
        return word
    latin = word.translate(_LATIN_LIKE)
    if not _NOT_LATIN.search(latin):
        return latin
    other = word.translate(_CYRILLIC_LIKE)
    return word if re.search("[A-Za-z]", other) else other


def _mended(match: re.Match[str]) -> str:
    return "-" if _COMPOUND.search(match.string, max(0, match.start() - 9), match.start()) else ""


def _join_lines(draft: _Draft) -> None:
    """Makes spaces of the line breaks within sentences, if the text has its lines broken at all."""
    text = draft.text
    breaks = [m.start() for m in _BREAK.finditer(text)]
    open_ = [at for at in breaks if text[at - 1] not in _ENDS]
    small = sum(text[at + 1].islower() for at in open_)
    if small and small >= _WRAPPED * len(open_):
        wraps = set(open_)
        draft.replace(_BREAK, lambda match: " " if match.start() in wraps else match[0])


def recased(text: str, like: str) -> str:
    """A text that is all in capitals, or has none, with capitals as far as can be told.

    Sentences get theirs, and words that `like` writes with one. Lengths stay, so offsets do.

    Args:
        text: any text; comes back as it is unless its letters are all of one case.
        like: a text on the same matter; tells nothing where it is of one case itself.
    """
    if not _is_one_case(text):
        return text
    spelt = {} if _is_one_case(like) else {w.lower(): w for w in _WORD.findall(like)}
    # A few letters (`İ`) have small forms of two characters.
    small = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    small = _WORD.sub(lambda match: _fitting(match[0], spelt), small)
    return _OPENS.sub(lambda match: match[0].upper(), small)


def _fitting(word: str, spelt: Mapping[str, str]) -> str:
    known = spelt.get(word, word)
    return known if len(known) == len(word) else word


@lru_cache(maxsize=1024)
def _is_one_case(text: str) -> bool:
    upper, lower = sum(map(str.isupper, text)), sum(map(str.islower, text))
    return upper + lower >= _LEAST_LETTERS and (upper == 0 or lower <= _STRAY * upper)


class _Draft:
    """A text under change that remembers where its characters come from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = list(range(len(text)))
        self._ends = list(range(1, len(text) + 1))

    def replace(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> None:
        """As `pattern.sub(by, text)`."""
        self.put((*match.span(), by(match)) for match in pattern.finditer(self.text))

    def put(self, changes: Iterable[tuple[int, int, str]]) -> None:
        """Puts texts in place of spans, which are in order; they stand where those stood."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for left, right, new in changes:
            if new == self.text[left:right]:
                continue
            pieces += self.text[position:left], new
            starts += self._starts[position:left]
            ends += self._ends[position:left]
            starts += [self._starts[left]] * len(new)
            ends += [self._ends[right - 1]] * len(new)
            position = right
        if not pieces:
            return
        self.text = "".join([*pieces, self.text[position:]])
        self._starts = starts + self._starts[position:]
        self._ends = ends + self._ends[position:]

    def cleaned(self, original: str) -> Cleaned:
        if self.text == original:
            return Cleaned(original)
        return Cleaned(self.text, array("I", self._starts), array("I", self._ends))
