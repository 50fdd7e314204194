"""What somebody else's package would bring: a key type, cryptosuites, a signer. The tests install it (``conftest``)."""
