"""The forms an enveloped credential can have, by media type (VC-JOSE-COSE section 6, SD-JWT VC section 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["FORMS", "JWT", "Form", "essence", "form_of_media_type"]

Kind = Literal["credential", "presentation"]
Structure = Literal["jws", "sd-jwt", "cose"]


@dataclass(frozen=True, slots=True)
class Form:
    """One form. ``name`` is the media type without ``application/``: the ``typ`` of the envelope.

    ``content`` is the ``cty`` (the content type of COSE); an envelope may leave it out. ``kind`` is None for the JWTs
    of VCDM 1.1, whose ``vc`` or ``vp`` claim tells. ``data_model`` is whether the payload is a document of the VC Data
    Model; that of an SD-JWT VC is not.
    """

    name: str
    kind: Kind | None
    structure: Structure
    content: str | None = None
    data_model: bool = True

    @property
    def media_type(self) -> str:
        """The whole media type."""
        return "application/" + self.name


FORMS: Final = {
    form.name: form
    for form in (
        Form("vc+jwt", "credential", "jws", "vc"),
        Form("vp+jwt", "presentation", "jws", "vp"),
        Form("vc+sd-jwt", "credential", "sd-jwt", "vc"),
        Form("vp+sd-jwt", "presentation", "sd-jwt", "vp"),
        Form("vc+cose", "credential", "cose", "vc"),
        Form("vp+cose", "presentation", "cose", "vp"),
        Form("dc+sd-jwt", "credential", "sd-jwt", data_model=False),
        Form("jwt", None, "jws"),
    )
}
"""All forms by name. ``jwt`` is the VC-JWT of VCDM 1.1 (section 6.3.1), with a ``vc`` or ``vp`` claim."""

JWT: Final = FORMS["jwt"]


def essence(media_type: str) -> str:
    """A media type as JOSE headers write it: lower case, without ``application/`` (RFC 7515 section 4.1.9)."""
    return media_type.lower().removeprefix("application/")


def form_of_media_type(media_type: str) -> Form | None:
    """The form of a media type, with or without ``application/``; None when it is none of them."""
    return FORMS.get(essence(media_type))
