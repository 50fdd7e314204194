"""What docs/adding-a-key-type.md and docs/adding-a-cryptosuite.md print runs as it is printed."""

from __future__ import annotations

import re

import pytest

from .conftest import PRODUCT, Run


@pytest.mark.parametrize("page", ["adding-a-key-type.md", "adding-a-cryptosuite.md"])
def test_the_example_of_the_page_runs_as_printed(outside: Run, page: str) -> None:
    text = (PRODUCT / "docs" / page).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert outside({}, f"{block}\nanswer('it ran')") == "it ran"
