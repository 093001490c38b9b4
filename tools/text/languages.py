"""Whether a text is in English, which is all that the embedded judge reads.

py3langid (naive Bayes over byte n-grams, after Lui and Baldwin 2012) is sure of the language
of running text, but names mislead it: lists of players, titles and tables seem foreign. So the
words in lower case must seem foreign, too, since names are hardly ever among them, and a text
in which words that only English has are frequent is English whatever the rest.
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import Lock

UNDETERMINED = "und"
"""ISO 639-2 for a language that is not told: surely not English, but near kin are alike."""

_ENGLISH = frozenset(
    "the and that this which with from were been their would they not who its there about into "
    "could when because between through against should these those other after she his what than "
    "said you your".split()
)
"""Frequent English words that are none, or rare, in other languages in Latin script."""
_ENGLISH_SHARE = 0.1
"""Of all words: more than a quoted title brings into a foreign text."""
_ENGLISH_LEAST = 5
"""Fewer of them may come in with a name or a quotation."""
_LOWER_SHARE = 0.25
"""Of words in lower case, beneath which a text is a list of names."""
_EVIDENCE = ((18.0, 10.0, 9), (30.0, 6.0, 7))
"""What tells another language, in one of two ways: the least difference of log-probabilities
between it and English, of the whole and of its words in lower case, and the least number of
letters that the different ones of these have, if they have three or more. The first is set by
sentences of three words, the second by German, which has few small words among its nouns."""
_UNITS = frozenset("km sq mi nmi ft yd cm mm kg lb oz ha mph kmh kw mw gw ghz mhz".split())
"""In no language, and so foreign to py3langid."""
_GAP_KIN = 6.0
"""Least difference to the second language for the first to be named."""
_SAMPLE = 3000
"""Characters that are looked at."""
_LOADING = Lock()
"""Two threads that come first do not both load the model, which takes most of a second."""
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff5a]")

_NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali",
    "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ms": "Malay", "mt": "Maltese",
    "nl": "Dutch", "no": "Norwegian", "nb": "Norwegian", "nn": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil",
    "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


@lru_cache(maxsize=1024)
def foreign(text: str) -> str | None:
    """The language of a text that is surely not in English.

    Args:
        text: a sentence or more. One in capitals is told as if it were in lower case.

    Returns:
        An ISO 639-1 code, or `UNDETERMINED` where only the script or the distance from English
        tells; None for English, for what is too short, and for names, figures and tables.
    """
    sample = text[:_SAMPLE]
    sample = sample.lower() if sample.isupper() else sample
    letters = sum(map(str.isalpha, sample))
    if 2 * len(_LATIN.findall(sample)) < letters:
        return _named(_ranked(sample)[0])
    words = _WORD.findall(sample)
    lower = [word for word in words if word[0].islower() and word not in _UNITS]
    english = sum(word.lower() in _ENGLISH for word in words)
    if len(lower) < _LOWER_SHARE * len(words) or english >= _ENGLISH_SHARE * len(words):
        return None
    ranked, gap = _ranked(sample)
    if gap < min(least for least, _, _ in _EVIDENCE):
        return None
    _, of_lower = _ranked(" ".join(lower))
    small = sum(len(word) for word in set(lower) if len(word) > 2)
    if not any(gap >= a and of_lower >= b and small >= c for a, b, c in _EVIDENCE):
        return None
    return _named(ranked)


def surely_english(text: str) -> bool:
    """Whether words that only English has are frequent in a text of some length.

    py3langid needs most of a second and 80 MB to begin; of most texts that are in English these
    words say so at once.
    """
    words = _WORD.findall(text)
    english = sum(word.lower() in _ENGLISH for word in words)
    return english >= max(_ENGLISH_SHARE * len(words), _ENGLISH_LEAST)


def language_name(code: str) -> str:
    """A language in English, for people: `German`, or `another language`."""
    return _NAMES.get(code, "another language")


def _ranked(text: str) -> tuple[list[tuple[str, float]], float]:
    """Languages that have a name here, likeliest first, and how far ahead of English it is."""
    from py3langid import rank

    with _LOADING:
        ranked = rank(text)
    english = next(score for code, score in ranked if code == "en")
    # The unnamed count as well: a text that is likelier Yoruba than English is not English.
    best = next(score for code, score in ranked if code != "en")
    return [item for item in ranked if item[0] in _NAMES], best - english


def _named(ranked: list[tuple[str, float]]) -> str:
    (code, best), (_, second) = ranked[:2]
    return code if best - second >= _GAP_KIN else UNDETERMINED
