"""A SoftHSM token of a test's own, which can be pulled out and put back."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "271828"


class SoftHsm:
    """The store of SoftHSM, and a token of the label ``police`` in it."""

    def __init__(self, module: str, folder: Path) -> None:
        self.module = module
        self.store = folder / "tokens"
        self.away = folder / "away"

    def initialise(self, label: str = "police", pin: str = PIN) -> None:
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "31415926", "--pin", pin]
        subprocess.run(command, check=True, capture_output=True)

    def uri(self, name: str = "", *, token: str = "police", **asked: str) -> str:
        key = f";object={name}" if name else ""
        query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in asked.items())
        return f"pkcs11:token={token}{key}?module-path={self.module}" + (f"&{query}" if query else "")

    def pull_out(self) -> None:
        self.store.rename(self.away)
        self.store.mkdir()

    def put_back(self) -> None:
        shutil.rmtree(self.store)
        self.away.rename(self.store)


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftHsm]:
    """Skipped, visibly, where Debian's softhsm2 or the extra ``pkcs11`` isn't installed."""
    pkcs11 = pytest.importorskip("pkcs11")
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("Debian's softhsm2 is not installed")
    from did.tokens import session

    hsm = SoftHsm(module, tmp_path)
    hsm.store.mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {hsm.store}\nlog.level = ERROR\n", encoding="ascii")
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    for name in ("LIANGZHENG_PIN", "LIANGZHENG_PASSWORD", "LIANGZHENG_PKCS11_MODULE"):
        monkeypatch.delenv(name, raising=False)
    hsm.initialise()
    session._modules.clear()
    library = pkcs11.lib(module)  # SoftHSM reads its configuration when it starts.
    library.reinitialize()
    yield hsm
    session._modules.clear()
    library.finalize()
    assert os.environ["SOFTHSM2_CONF"] == str(configuration)
