"""Which interpreter measures: figures of differently built ones differ by some 8 %."""

from __future__ import annotations

import platform
import sys
import sysconfig

__all__ = ["described"]


def described() -> str:
    """One line: version, compiler, and what the build says of its optimisation."""
    options = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    flags = " ".join(str(sysconfig.get_config_var(name) or "") for name in ("PY_CFLAGS", "PY_CORE_CFLAGS", "OPT"))
    if "--enable-optimizations" in options or "-fprofile-use" in flags:
        built = "built with profile-guided optimisation"
    elif sys.executable.startswith("/usr/bin/") or sys.base_prefix == "/usr":
        built = "the system's own build (it does not say how it was optimised)"
    else:
        built = "built without --enable-optimizations"
    return f"{platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}, {built}"
