"""An authority whose key can't be reached for a while: nothing is issued, it says so, and it goes on afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import did
from issuer.errors import StateError

from .conftest import FAMILY, JPEG, ZHANG_WEI


class Token:
    """A signer that can be pulled out."""

    def __init__(self, key: did.SoftwareKey) -> None:
        self._key = key
        self.algorithm, self.public_key = key.algorithm, key.public_key
        self.did, self.verification_method = key.did, key.verification_method
        self.out = False

    def sign(self, data: bytes) -> bytes:
        if self.out:
            raise did.SignerUnavailable("there is no token 'police'")
        return self._key.sign(data)


@pytest.mark.parametrize("envelopes", [(), ("dc+sd-jwt",)])
def test_nothing_is_issued_while_the_token_is_out(
    make_world: Callable[..., Any], authority_key: did.SoftwareKey, device: did.SoftwareKey, envelopes: tuple[str, ...]
) -> None:
    token = Token(authority_key)
    world = make_world(signer=token)
    world.import_rows(*FAMILY)
    world.authority.set_portrait(ZHANG_WEI, JPEG)
    application = world.proved("张伟", ZHANG_WEI, kind="resident-identity-card")
    shown = world.possession(application, device)
    token.out = True
    with pytest.raises(StateError) as refused:
        world.authority.issue(application.reference, shown, envelopes=envelopes)
    assert refused.value.code == "signer.unavailable"
    assert "令牌" in refused.value.zh
    assert world.authority.counts()["credentials"] == 0
    token.out = False
    assert len(world.issue(device, envelopes=envelopes)) == 1  # With a new challenge: each is for one try.
