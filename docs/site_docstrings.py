"""How docstrings become Markdown in the site's reference: an extension of griffe, named in mkdocs.yml."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

_LITERAL = re.compile(r"^( *)::\n", re.MULTILINE)


class Docstrings(Extension):
    """A line of two colons announces a literal block; in Markdown its indentation is enough."""

    def on_instance(self, *, obj: Object, **_: Any) -> None:
        """Called for everything that griffe reads."""
        if obj.docstring is not None:
            obj.docstring.value = _LITERAL.sub(r"\1", obj.docstring.value)
