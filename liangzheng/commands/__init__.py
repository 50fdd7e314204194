"""One module a group of subcommands."""

import vc  # noqa: F401 - before any command: it sees to it that the package ``did`` is ours.
