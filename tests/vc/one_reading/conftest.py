"""Lets the tests of this folder import ``one_reading_lab``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
