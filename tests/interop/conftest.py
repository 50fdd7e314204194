"""The matrices run where their peers are installed; elsewhere they are not collected, so that nothing is skipped."""

from __future__ import annotations

import os
from importlib.util import find_spec

collect_ignore = ["cose_peer.py"]
if not (find_spec("openvc") or find_spec("sd_jwt")):
    collect_ignore.append("test_sd_jwt_peers.py")
if not os.environ.get("LIANGZHENG_MDOC_JS"):
    collect_ignore.append("test_mdoc_peers.py")
if not os.environ.get("LIANGZHENG_COSE_PYTHON"):
    collect_ignore.append("test_cose_peer.py")
