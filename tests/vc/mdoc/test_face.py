"""What ``vc.mdoc`` names is there, and is what it is named for."""

from __future__ import annotations

from importlib import import_module

import pytest

from vc import mdoc


@pytest.mark.parametrize("name", mdoc.__all__)
def test_every_public_name_is_in_its_home(name):
    assert getattr(mdoc, name) is getattr(import_module(f"vc.mdoc.{mdoc._HOMES[name]}"), name)
    assert name in dir(mdoc)


def test_nothing_else_is():
    with pytest.raises(AttributeError, match="no attribute"):
        mdoc.decode
    assert set(mdoc._HOMES) == set(mdoc.__all__)
