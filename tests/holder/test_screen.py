"""The QR page counts down and clears itself; where there is no terminal, it is silent."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from holder.screen import show_until
from vc import qr
from vc.qr import symbols

from .conftest import Clock

CLEAR = "\x1b[2J\x1b[3J\x1b[H"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_counts_down_from_300_and_clears_at_0(clock: Clock) -> None:
    screen = Terminal()
    drawn = symbols.draw(qr.encode({"a": 1}))
    ended = show_until(
        clock.now + timedelta(seconds=300),
        drawn,
        screen,
        language="en",
        clock=clock,
        sleep=lambda seconds: clock.advance(seconds=seconds),
    )
    text = screen.getvalue()
    assert ended
    assert [int(n) for n in re.findall(r"(\d+) s left", text)] == list(range(300, 0, -1))
    assert text.startswith(CLEAR + drawn[0].terminal())
    assert text.endswith(CLEAR)


def test_several_symbols_are_numbered_and_the_text_is_chinese(clock: Clock) -> None:
    screen = Terminal()
    drawn = symbols.draw(qr.encode({"a": "x7" * 50, "b": list(range(200))}, capacity=200))
    assert len(drawn) > 1
    show_until(clock.now + timedelta(seconds=2), drawn, screen, clock=clock, sleep=lambda s: clock.advance(seconds=s))
    assert f"1/{len(drawn)}\n" in screen.getvalue()
    assert "剩余 2 秒" in screen.getvalue()


def test_symbols_that_do_not_fit_together_take_turns(clock: Clock) -> None:
    screen = Terminal()
    drawn = symbols.draw(qr.encode({"a": "x7" * 50, "b": list(range(200))}, capacity=200))
    show_until(
        clock.now + timedelta(seconds=60),
        drawn,
        screen,
        lines=40,
        clock=clock,
        sleep=lambda s: clock.advance(seconds=s),
    )
    pages = screen.getvalue().split(CLEAR)[1:-1]
    assert len(pages) == 20
    assert all(page.count("\x1b[0m") < 40 for page in pages)
    for number, symbol in enumerate(drawn, 1):
        assert any(page.startswith(f"{symbol.terminal()}\n{number}/{len(drawn)}\n") for page in pages)


def test_stopping_it_clears_the_page_too(clock: Clock) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    screen = Terminal()
    drawn = symbols.draw(qr.encode({"a": 1}))
    assert not show_until(clock.now + timedelta(seconds=300), drawn, screen, clock=clock, sleep=interrupted)
    assert screen.getvalue().endswith(CLEAR)


def test_what_has_expired_is_not_shown_for_a_moment_longer(clock: Clock) -> None:
    screen = Terminal()
    assert show_until(clock.now, symbols.draw(qr.encode({"a": 1})), screen, clock=clock, sleep=pytest.fail)  # type: ignore[arg-type]
    assert screen.getvalue().endswith(CLEAR)


def test_piped_it_is_silent(clock: Clock) -> None:
    pipe = io.StringIO()
    assert not show_until(clock.now + timedelta(seconds=300), symbols.draw(qr.encode({"a": 1})), pipe, clock=clock)
    assert pipe.getvalue() == ""
