"""The table of targets."""

from __future__ import annotations

from ..target import Target
from . import dids, envelopes, files, linked_data, parsing, proofs, scenarios, servers, status

__all__ = ["TARGETS"]

TARGETS: dict[str, Target] = {
    target.name: target
    for module in (parsing, proofs, envelopes, status, dids, linked_data, scenarios, files, servers)
    for target in module.TARGETS
}
