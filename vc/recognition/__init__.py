"""What is this file? From any bytes to a name for them, and to the credential in them, where there is one way only.

``recognise`` says what something is and what it carries; ``open_input`` hands on the one thing in it that can be
verified. Nothing here verifies anything, and nothing here is believed: what is found goes through ``vc.verify`` like
everything a stranger hands over.
"""

from .kinds import KINDS, Kind
from .recognising import recognise
from .result import Carried, Opened, Recognition, open_input, refused

__all__ = ["KINDS", "Carried", "Kind", "Opened", "Recognition", "open_input", "recognise", "refused"]
