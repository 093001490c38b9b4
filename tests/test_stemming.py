import snowballstemmer
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.text.stemming import porter2

SNOWBALL = snowballstemmer.stemmer("english")
PARTS = (
    "a e i o u y b d l n s t ' gener commun past arsen even inn out succ add egg ' 's "
    "ed eed ing ingly edly eedly ational tional ies ied ss us sses ion tion ment ement ative "
    "ical ful ness ll e l li bli abli ogi ogist ousli izer ization iviti y ly"
).split()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PARTS), max_size=6).map("".join)
    | st.text("abcdefghilmnoprstuvyéß0'-", max_size=12)
)
def test_stems_are_those_of_snowball(word: str) -> None:
    word = word.lower()
    assert porter2(word) == SNOWBALL.stemWord(word)


def test_forms_of_a_word_have_one_stem() -> None:
    for words in ("counts counted counting", "dying die dies", "generally general generals"):
        assert len({porter2(word) for word in words.split()}) == 1
    assert [porter2(word) for word in "skies evening hoping hopping agreed".split()] == [
        "sky", "evening", "hope", "hop", "agre",
    ]  # fmt: skip
