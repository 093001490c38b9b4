"""Whether the words of a claim come from its article.

A claim that was written by a language model may say nothing that the article does not. What
can be looked up is looked up: each content word, by its stem; each figure, by its value; each
run of capitalised words, as it stands in the article; each date that was worked out, against
the day of publication. That the words are put together rightly, no look-up can tell.

Stems are those of English. In other languages words are compared by how they begin, and words
of four letters or fewer are not looked at: so compared, fewer faults are seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from agent.types import Article
from tools.numbers.quantities import Quantity, quantities
from tools.text.quotes import quotations
from tools.text.spelling import plain_words
from tools.text.spinning import is_spun, plain_reading
from tools.text.words import is_calendar_word, stem
from tools.times.dates import DateMention, date_mentions, parse_day, resolve

# What may stand in a claim though it stands in no quote: grammar, and the verb of a report.
# Words that turn or bound a statement (`not`, `only`, `most`, `up`, `before`) are no grammar.
_GRAMMAR = frozenset(
    "a an the and or but if while whereas of in on at by for from to into onto with about as than "
    "that this these those it its he him his she her hers they them their we us our you your i me "
    "my s is are was were be been being am do does did done have has had having will would shall "
    "so such there here who whom whose which what when where how also too said says say saying "
    "told tell tells according per during through one ones".split()
)
# Inflections that no stemmer knows, of verbs that news uses.
_IRREGULAR = """
become became; begin began begun; break broke broken; bring brought; build built; buy bought;
catch caught; choose chose chosen; come came; cut cut; deal dealt; draw drew drawn; drive drove
driven; eat ate eaten; fall fell fallen; feel felt; fight fought; find found; flee fled; fly flew
flown; forget forgot forgotten; get got gotten; give gave given; go went gone; grow grew grown;
hear heard; hide hid hidden; hold held; keep kept; know knew known; lay laid; lead led; leave
left; lend lent; lie lay lain; lose lost; make made; mean meant; meet met; pay paid; ride rode
ridden; ring rang rung; rise rose risen; run ran; see saw seen; seek sought; sell sold; send sent;
shake shook shaken; shoot shot; sing sang sung; sink sank sunk; sit sat; speak spoke spoken; spend
spent; stand stood; steal stole stolen; strike struck; swear swore sworn; swim swam swum; take
took taken; teach taught; tear tore torn; think thought; throw threw thrown; wear wore worn; win
won; write wrote written; can could; may might; person people; man men; woman women; child
children
"""
_BASE = {
    form: stem(forms.split()[0])
    for forms in _IRREGULAR.replace("\n", " ").split(";")
    for form in forms.split()
}
_DENIALS = frozenset({"not", "no", "never", "none", "nobody", "nothing", "neither", "nor"})
_HEDGES = re.compile(
    r"\b(?:may|might|could|allegedly|alleged|reportedly|apparently|perhaps|probably|possibly|"
    r"likely|suspected|nearly|almost|roughly)\b"  # `May` is a month
)
_KEPT = 0.6
"""Share of a quote's content words from which on a claim is taken to say what the quote says."""
_CAPITALS = re.compile(r"(?:[A-ZÀ-Þ][\w’'-]*)(?:[ \u00a0]+[A-ZÀ-Þ][\w’'-]*)+")
_POSSESSIVE = re.compile(r"[’']s?$")
_CUT = re.compile(r"\[[^\]\n]*\]|…|\.\.\.")
_WITHIN_NAME = 2
"""Most words left out within a name: `Judge Brandt` for `Judge Sidonie Brandt`."""
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_AGO = re.compile(r"\b(\d{1,3}) (?:years?|decades?)\b|\bdecades?\b")
_BEGINNING = 4


class Grounds:
    """What an article says, made ready for looking up.

    Args:
        article: its text, and what is known about it: title, author, publisher, day.
    """

    def __init__(self, article: Article) -> None:
        about = (article.title, article.author, article.publisher, article.text)
        told = "\n".join(part for part in about if part)
        self._english = article.language in (None, "en")
        self._written = parse_day(article.published_at)
        self._dates = date_mentions(told)
        self._years = {date.year for date in self._dates}
        self._weekdays = _weekdays_of(told)
        self._months = [n for n, name in enumerate(_MONTHS, 1) if name in told]
        self.spun = is_spun(article.text)
        words = _words(told)
        self._roots = frozenset(map(self._root, words))
        if self.spun:
            self._roots |= self._roots_of(plain_reading(article.text, spun=True))
        self._in_order = f" {' '.join(words)} "
        self._in_names = {word for name in _names(told) for word in name}

    def faults_of_addition(self, addition: str, sentence: str) -> list[str]:
        """Why the article does not tell what was added to a claim for reading alone.

        Args:
            addition: one of a claim's `context_added`.
            sentence: the sentence of the claim, for dates that depend on its words.

        Returns:
            A sentence for each fault; empty where there is none.
        """
        faults = []
        dated: set[str] = set()
        for date in date_mentions(addition):
            said = addition[date.start : date.end]
            if self._tells(date, sentence):
                dated |= {*_words(said), *_weekday(date)}
            else:
                faults.append(f"the article does not tell the date {said!r}")
                dated |= set(_words(said))
        strange = [
            word
            for word in _words(addition)
            if self._counts(word) and word not in dated and self._root(word) not in self._roots
        ]
        if strange:
            faults.append(
                f"context_added has words that the article does not have: {_list(strange)}"
            )
        return faults + self.faults_of_names(addition)

    def faults_of_names(self, text: str) -> list[str]:
        """Runs of capitalised words that do not stand in the article so, in one sentence."""
        wrong = [name for name in _names(text) if not self._has_name(name)]
        opening = _CAPITALS.match(text)
        if opening and wrong[:1] == [words := _words(opening[0])]:
            # The first word may have a capital only because it comes first: `Building Skarra Line`.
            rest = words[1:]
            if words[0] not in self._in_names and (len(rest) == 1 or self._has_name(rest)):
                wrong.pop(0)
        return [f"the article names nobody {' '.join(name).title()!r}" for name in wrong]

    def faults_of_text(self, text: str, quote: str, additions: Iterable[str]) -> list[str]:
        """What a claim says beyond its quote and what was added, or otherwise than its quote.

        Args:
            text: the claim.
            quote: its words in the article.
            additions: its `context_added`, looked at already.
        """
        given = [quote, *additions]
        if self.spun:
            given.append(plain_reading(quote, spun=True))
        faults = []
        known = [figure for part in given for figure in quantities(part)]
        plain = text
        for figure in reversed(quantities(text)):
            alike = [other for other in known if _equal(figure, other)]
            if alike and all(other.bound != figure.bound for other in alike):
                faults.append(
                    f"{figure.text!r} is hedged in one of text and quote, not in the other"
                )
            if alike:
                plain = plain[: figure.start] + " " + plain[figure.end :]
        roots = frozenset().union(*map(self._roots_of, given))
        strange = [
            word
            for word in _words(plain)
            if self._counts(word)
            and self._root(word) not in roots
            # The table of spun words is not whole: there only figures and names are held to it.
            and (not self.spun or any(c.isdigit() for c in word))
        ]
        if strange:
            faults.append(f"neither quote nor context_added has these words: {_list(strange)}")
        return faults + self._turned(text, quote) + self._misquoted(text)

    def _turned(self, text: str, quote: str) -> list[str]:
        """A denial or a hedge of the quote that the claim lost."""
        ours, theirs = set(_words(text)), set(_words(quote))
        kept = {
            self._root(word) for word in theirs - _GRAMMAR - _DENIALS if not _HEDGES.fullmatch(word)
        }
        if len(kept & {self._root(word) for word in ours}) < _KEPT * len(kept):
            return []
        faults = []
        if theirs & _DENIALS and not ours & _DENIALS:
            faults.append("the quote denies what the text asserts")
        if (hedge := _HEDGES.search(quote)) and not _HEDGES.search(text):
            faults.append(f"the text leaves out {hedge[0]!r}")
        return faults

    def _misquoted(self, text: str) -> list[str]:
        """Words in quotation marks that the article does not have so."""
        pieces = [p for q in quotations(text, min_words=1) for p in _CUT.split(q.text)]
        return [
            f"the article does not have the words in quotation marks: {piece.strip()[:80]!r}"
            for piece in pieces
            if (words := _words(piece)) and f" {' '.join(words)} " not in self._in_order
        ]

    def _tells(self, date: DateMention, sentence: str) -> bool:
        """Whether a date stands in the article or follows from its day of publication."""
        written = self._written
        year = date.year is None or date.year in self._years
        if written and date.year and not year:
            counts = [int(n or 10) for n in _AGO.findall(sentence)]
            apart = abs(date.year - written.year)
            year = apart <= 1 or apart in counts
        if not year:
            return False
        parts = (date.month, date.day, date.quarter, date.season, date.half)
        if not any(parts):
            return True
        told = [(d.month, d.day, d.quarter, d.season, d.half) for d in self._dates]
        told += [(month, None, None, None, None) for month in self._months]
        if written:
            readings = [r for _, _, r in resolve(sentence, written)]
            told += [(d.month, d.day, None, None, None) for r in readings for d in date_mentions(r)]
            # A day of the week is the last such day, or in a plan the next.
            named = _weekdays_of(sentence) or self._weekdays
            near = [written + timedelta(days=shift) for shift in range(-7, 8)]
            days = [written, *(day for day in near if day.weekday() in named)]
            told += [(day.month, day.day, None, None, None) for day in days]
        return any(
            all(ours is None or ours == theirs for ours, theirs in zip(parts, other, strict=True))
            for other in told
        )

    def _has_name(self, words: list[str]) -> bool:
        if f" {' '.join(words)} " in self._in_order:
            return True
        between = rf" (?:\S+ ){{0,{_WITHIN_NAME}}}"
        return bool(re.search(f" {between.join(map(re.escape, words))} ", self._in_order))

    def _counts(self, word: str) -> bool:
        """Whether a word must come from the article."""
        if not self._english and len(word) <= _BEGINNING:
            return any(character.isdigit() for character in word)
        return word not in _GRAMMAR

    def _root(self, word: str) -> str:
        if not self._english:
            return word[:_BEGINNING]
        return _BASE.get(word) or stem(word)

    def _roots_of(self, text: str) -> frozenset[str]:
        return frozenset(map(self._root, _words(text)))


def _words(text: str) -> list[str]:
    """The words of a text in the form in which spellings are compared, without `’s`."""
    return [_POSSESSIVE.sub("", word.plain) or word.plain for word in plain_words(text)]


def _names(text: str) -> list[list[str]]:
    """Runs of capitalised words, ended by a possessive; days and months are in none."""
    names: list[list[str]] = []
    for match in _CAPITALS.finditer(text):
        run: list[str] = []
        for word in match[0].split():
            ends = bool(_POSSESSIVE.search(word))
            day = is_calendar_word(_POSSESSIVE.sub("", word))
            if not day:
                run += _words(word)
            if (ends or day) and run:
                names.append(run)
                run = []
        names.append(run)
    return [name for name in names if len(name) > 1]


def _equal(a: Quantity, b: Quantity) -> bool:
    return a.unit == b.unit and a.values == b.values and a.spread == b.spread


def _weekday(date: DateMention) -> list[str]:
    """The name of the day that a whole date is."""
    if not (date.year and date.month and date.day):
        return []
    day = parse_day(f"{date.year:04}-{date.month:02}-{date.day:02}")
    return [_WEEKDAYS[day.weekday()]] if day else []


def _weekdays_of(text: str) -> frozenset[int]:
    """The days of the week that a text names, Monday being 0."""
    return frozenset(n for n, day in enumerate(_WEEKDAYS) if day.capitalize() in text)


def _list(words: Iterable[str]) -> str:
    return ", ".join(list(dict.fromkeys(words))[:8])
