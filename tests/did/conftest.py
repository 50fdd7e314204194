"""Fixtures of the tests about identifiers and keys."""

from __future__ import annotations

import importlib.util
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from did.fetcher import Fetcher
from did.key_files import Argon2id

FOLDER = Path(__file__).parent
VECTORS = FOLDER.parent / "vectors"


def _servers() -> Any:
    """The module beside this one (tests are imported without packages)."""
    spec = importlib.util.spec_from_file_location("tests_did_servers", FOLDER / "servers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tests_did_servers"] = module
    spec.loader.exec_module(module)
    return module


servers = _servers()


@pytest.fixture(scope="session")
def vectors() -> Path:
    return VECTORS


@pytest.fixture(scope="session")
def quick_kdf() -> Argon2id:
    """The weakest derivation that is accepted, so that tests don't take long."""
    return Argon2id(memory=19 * 1024, passes=2, lanes=1)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return servers.certificates(tmp_path_factory.mktemp("tls"))  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def client_tls(certificates: tuple[Path, ...]) -> ssl.SSLContext:
    """Trusts the test authority only."""
    return ssl.create_default_context(cafile=str(certificates[0]))


@pytest.fixture
def server(certificates: tuple[Path, ...]) -> Iterator[Any]:
    """A TLS server for localhost."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates[1], certificates[2])
    with servers.serving(context) as running:
        yield running


@pytest.fixture
def impostor(certificates: tuple[Path, ...]) -> Iterator[Any]:
    """A TLS server whose certificate is for another name."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates[3], certificates[4])
    with servers.serving(context) as running:
        yield running


@pytest.fixture
def plain_server() -> Iterator[Any]:
    """A server without TLS."""
    with servers.serving(None) as running:
        yield running


@pytest.fixture
def answer() -> Any:
    """Makes the bytes of an HTTP answer."""
    return servers.answer


@pytest.fixture
def fetcher(client_tls: ssl.SSLContext) -> Fetcher:
    """May go to loopback, and trusts the test authority."""
    return Fetcher(allow_loopback=True, ssl_context=client_tls, timeout=2.0)
