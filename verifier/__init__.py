"""The standalone verifier: trust list, scenarios, policy, replay guard."""
