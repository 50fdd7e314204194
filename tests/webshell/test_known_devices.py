"""The cookie of browsers that signed in before."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webshell.known_devices import KnownDevices

SECRET = b"k" * 32


@pytest.fixture
def devices() -> KnownDevices:
    return KnownDevices(SECRET, secrets.token_bytes)


def test_a_browser_is_known_for_the_accounts_that_it_signed_in_to(devices: KnownDevices) -> None:
    cookie = devices.remember(devices.remember(None, "officer/boss"), "officer/clerk")
    name = devices.device(cookie, "officer/boss")
    assert name and name == devices.device(cookie, "officer/clerk")
    assert devices.device(cookie, "officer/aud") is None


def test_another_site_s_secret_makes_no_known_browser(devices: KnownDevices) -> None:
    forged = KnownDevices(b"x" * 32, secrets.token_bytes).remember(None, "officer/boss")
    assert devices.device(forged, "officer/boss") is None


def test_the_tags_of_one_browser_do_not_fit_another(devices: KnownDevices) -> None:
    mine, theirs = devices.remember(None, "officer/mine"), devices.remember(None, "officer/boss")
    spliced = f"{mine.split('.')[0]}.{theirs.split('.')[1]}"
    assert devices.device(spliced, "officer/boss") is None


def test_a_cookie_does_not_grow_and_forgets_the_oldest(devices: KnownDevices) -> None:
    cookie = None
    for number in range(20):
        cookie = devices.remember(cookie, f"officer/{number}")
    assert cookie is not None and len(cookie) <= 9 * 25
    assert devices.device(cookie, "officer/19") and devices.device(cookie, "officer/12")
    assert devices.device(cookie, "officer/11") is None
    assert devices.remember(cookie, "officer/19") == cookie


@given(st.text(max_size=300))
def test_whatever_a_stranger_sends_is_an_unknown_browser(text: str) -> None:
    devices = KnownDevices(SECRET, secrets.token_bytes)
    assert devices.device(text, "officer/boss") is None
    assert devices.device(devices.remember(text, "officer/boss"), "officer/boss")
