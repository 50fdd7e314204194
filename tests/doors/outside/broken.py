"""A module that can't be imported."""

raise RuntimeError("its library is missing")
