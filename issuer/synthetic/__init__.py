"""Synthetic people and households for demonstrations and tests: seeded, fitting together, never a real person.

    population = generate(600, seed=2026, today=date(2026, 10, 1))
    to_csv(population.register("510000"))             what the authority of Sichuan imports

``python -m issuer.synthetic --help`` writes files.
"""

from __future__ import annotations

from .files import to_csv, to_xlsx
from .population import Population, generate

__all__ = ["Population", "generate", "to_csv", "to_xlsx"]
