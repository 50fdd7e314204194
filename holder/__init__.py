"""A wallet: device key, PIN, credential store, consent, presentation, usage log."""
