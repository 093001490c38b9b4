"""Which addresses may be fetched, and what they are read as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError
from tools.web.addresses import is_public, parse


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://gazette.example/a?id=17&lang=en", "https://gazette.example/a?id=17&lang=en"),
        ("HTTPS://GAZETTE.EXAMPLE/News#top", "https://gazette.example/News"),
        ("http://museum.example:80", "http://museum.example/"),
        ("http://museum.example:443/x", "http://museum.example:443/x"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("https://rail.example/a%20b?q=%C3%A9", "https://rail.example/a%20b?q=%C3%A9"),
        ("https://gazette.example/@127.0.0.1/", "https://gazette.example/@127.0.0.1/"),
        ("http://93.184.216.34/a", "http://93.184.216.34/a"),
        ("http://[2606:2800:220:1::1]/", "http://[2606:2800:220:1::1]/"),
    ],
)
def test_an_ordinary_address_is_read_in_one_form(given: str, url: str) -> None:
    assert parse(given).url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "only http"),
        ("gopher://news.example/_x", "only http"),
        ("news.example/a", "only http"),
        ("http:/news.example/", "only http"),
        ("http://ida:secret@news.example/", "user name"),
        ("http://@news.example/", "user name"),
        ("http://news.example:8080/", "port 8080"),
        ("http://news.example:99999/", "malformed"),
        ("http://news.example\\@127.0.0.1/", "backslashes"),
        ("http://news.example\r\n/", "control characters"),
        ("http://127.0.0.1 news.example/", "blanks"),
        ("http://2130706433/", "plain IP"),
        ("http://0x7f.1/", "plain IP"),
        ("http://010.0.0.1/", "plain IP"),
        ("http://１２７.0.0.1/", "plain IP"),
        ("http://[::1]x/", "IPv6"),
        ("http://[fe80::1%25eth0]/", "IPv6"),
        ("http://intranet/", "full name"),
        ("http://-.example/", "full name"),
        ("http://a..example/", "full name"),
        ("http://news.example%2f127.0.0.1/", "plain IP"),
        ("http://news.example%2f/", "full name"),
        ("http://{host}/", "full name"),
        ("http://printer.local/", "nearby"),
        ("http://a.b.localhost/", "nearby"),
        ("http://metadata.google.internal./", "nearby"),
        ("http://ｌｏｃａｌｈｏｓｔ/", "full name"),
        ("http://xn--/", "full name"),
        ("http://news.example/" + "a" * 9000, "longer than"),
        ("http://news.example/" + "é" * 2000, "longer than"),
    ],
)
def test_an_address_that_parsers_disagree_on_or_that_leads_nearby_is_refused(
    url: str, why: str
) -> None:
    with pytest.raises(InputError, match=why) as caught:
        parse(url)
    assert "secret" not in str(caught.value) or "user name" in why
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "ip",
    """0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 172.31.255.255
    192.0.0.1 192.0.0.86 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
    203.0.113.1 224.0.0.1
    239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:93.184.216.34
    64:ff9b::a00:1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fec0::1 ff02::1 nonsense 1.2.3""".split(),
)
def test_what_is_not_on_the_public_internet_is_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip", "1.1.1.1 9.255.255.255 11.0.0.0 100.128.0.0 172.32.0.0 2606:2800:220:1::1 2a00::1".split()
)
def test_the_public_internet_is(ip: str) -> None:
    assert is_public(ip)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = parse("http://" + text)
    except InputError:
        return
    assert parse(address.url) == address
    assert address.url.isascii()
