"""The OpenAPI 3.1 description of the conformance server, served at ``/openapi.json`` and held against it in tests."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

__all__ = ["describe"]

_JSON = "application/json"

_SCHEMAS: dict[str, Any] = {
    "Credential": {"type": "object", "description": "A credential (VCDM 2.0 or 1.1), without a proof when issuing."},
    "ProblemDetail": {
        "type": "object",
        "description": "RFC 9457 members, our stable code, a Chinese title and a JSON pointer (RFC 6901).",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "titleZh": {"type": "string"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "pointer": {"type": "string"},
        },
        "required": ["title"],
    },
    "Check": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "outcome": {"enum": ["passed", "failed", "indeterminate", "not applicable", "not shown"]},
            "pointer": {"type": "string"},
            "detail": {"type": "string"},
        },
        "required": ["name", "outcome"],
    },
    "Refusal": {
        "type": "object",
        "properties": {
            "verified": {"const": False},
            "problemDetails": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/ProblemDetail"}},
            "checks": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}},
            "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemDetail"}},
            "trace": {"type": "object"},
        },
        "required": ["verified", "problemDetails"],
    },
    "Verified": {
        "type": "object",
        "properties": {
            "verified": {"const": True},
            "checks": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}},
            "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemDetail"}},
            "trace": {"type": "object", "description": "Intermediate values, when options.explain is true."},
        },
        "required": ["verified"],
    },
    "SecuredCredential": {
        "type": "object",
        "properties": {"verifiableCredential": {"type": "object"}},
        "required": ["verifiableCredential"],
    },
    "SecuredPresentation": {
        "type": "object",
        "properties": {"verifiablePresentation": {"type": "object"}},
        "required": ["verifiablePresentation"],
    },
    "Instance": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": _reference(schema)}}}


_REFUSED = _answer("The input can't be used, or it does not verify; every problem is listed.", "Refusal")
_TOO_LARGE = _answer("The body is larger than the limit.", "Refusal")
_NO_INSTANCE = _answer("No such instance.", "Refusal")


def _post(summary: str, body: dict[str, Any], status: str, done: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {_JSON: {"schema": body}}},
        "responses": {status: done, "400": _REFUSED, "404": _NO_INSTANCE, "413": _TOO_LARGE},
    }


def _body(member: str, options: dict[str, Any] | None = None, *, strings: bool = False) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            member: {"type": ["object", "string"] if strings else "object"},
            "options": {"type": "object", "description": "Unknown members are ignored.", "properties": options or {}},
        },
        "required": [member],
    }


def _name(names: list[str], parameter: str = "name") -> dict[str, Any]:
    return {"name": parameter, "in": "path", "required": True, "schema": {"type": "string", "examples": names}}


_TEXT: dict[str, Any] = {"type": "string"}
_RESOLUTION_TYPES = (
    "application/did-resolution",
    "application/did-url-dereferencing",
    'application/ld+json;profile="https://w3id.org/did-resolution"',
    "application/ld+json",
    "application/did",
    "application/did+json",
    "application/did+ld+json",
    "application/json",
)
_RESOLUTION_ERRORS = ("400", "404", "406", "410", "500", "501", "504")
_POINTERS: dict[str, Any] = {
    "type": "array",
    "description": "JSON pointers (RFC 6901); one that matches nothing is refused.",
    "items": {"type": "string"},
}
_VERIFY_OPTIONS: dict[str, Any] = {
    "checks": {"type": "array", "items": {"type": "string"}},
    "challenge": _TEXT,
    "domain": {"type": ["string", "array"]},
    "explain": {"type": "boolean"},
}


def _issuers(names: list[str]) -> dict[str, Any]:
    return {
        "/issuers/{name}": {
            "parameters": [_name(names)],
            "get": {
                "summary": "The DID that an issuer instance signs with.",
                "responses": {"200": _answer("The instance.", "Instance"), "404": _NO_INSTANCE},
            },
        },
        "/issuers/{name}/credentials/issue": {
            "parameters": [_name(names)],
            "post": _post(
                "Secure a credential.",
                _body("credential", {"mandatoryPointers": _POINTERS, "hideable": _POINTERS}),
                "201",
                _answer("The secured credential.", "SecuredCredential"),
            ),
        },
        "/issuers/{name}/credentials/status": {
            "parameters": [_name(names)],
            "post": _post(
                "Change a status; the instance status-list has one.",
                {
                    "type": "object",
                    "properties": {
                        "credentialId": _TEXT,
                        "credentialStatus": {"type": "object"},
                        "status": {"type": "boolean"},
                    },
                    "required": ["credentialId", "credentialStatus"],
                },
                "200",
                {"description": "Changed.", "content": {_JSON: {"schema": {"type": "object"}}}},
            ),
        },
        "/status-lists/{number}": {
            "parameters": [_name(["1"], "number")],
            "get": {
                "summary": "A signed BitstringStatusListCredential.",
                "responses": {"200": _answer("The list.", "Credential"), "404": _NO_INSTANCE},
            },
        },
    }


def _verifiers_and_holders() -> dict[str, Any]:
    default = [_name(["default"])]
    verified = _answer("It verifies; warnings may say what was tolerated.", "Verified")
    return {
        "/verifiers/{name}/credentials/verify": {
            "parameters": default,
            "post": _post(
                "Verify a credential. The status decides: 200 verified, 400 not.",
                _body("verifiableCredential", _VERIFY_OPTIONS, strings=True),
                "200",
                verified,
            ),
        },
        "/verifiers/{name}/presentations/verify": {
            "parameters": default,
            "post": _post(
                "Verify a presentation. The status decides: 200 verified, 400 not.",
                _body("verifiablePresentation", _VERIFY_OPTIONS, strings=True),
                "200",
                verified,
            ),
        },
        "/holders/{name}/credentials/derive": {
            "parameters": default,
            "post": _post(
                "Disclose chosen claims of a credential with a base proof.",
                _body("verifiableCredential", {"selectivePointers": _POINTERS}),
                "201",
                _answer("The derived credential.", "SecuredCredential"),
            ),
        },
        "/holders/{name}/presentations": {
            "parameters": default,
            "post": _post(
                "Sign a presentation.",
                _body("presentation", {"challenge": _TEXT, "domain": _TEXT}),
                "201",
                _answer("The signed presentation.", "SecuredPresentation"),
            ),
        },
    }


def _resolver() -> dict[str, Any]:
    content = {media_type: {"schema": {"type": ["object", "null"]}} for media_type in _RESOLUTION_TYPES}
    result = {"description": "The resolution result, or the document or its part, as asked for.", "content": content}
    failed = {"description": "The result with its error.", "content": content}
    return {
        "/1.0/identifiers/{identifier}": {
            "parameters": [_name(["did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"], "identifier")],
            "get": {
                "summary": "Resolve a DID or dereference a DID URL (DID Resolution, HTTPS binding).",
                "responses": {
                    "200": result,
                    **dict.fromkeys(("400", "404", "406", "410", "500", "501", "504"), failed),
                },
            },
        }
    }


def describe(issuers: list[str]) -> dict[str, Any]:
    """The OpenAPI document of a server with the issuer instances ``issuers``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Liangzheng conformance server",
            "version": version("liangzheng"),
            "description": "The W3C CCG VC-API as the public conformance suites use it, and DID Resolution over HTTP.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {**_issuers(issuers), **_verifiers_and_holders(), **_resolver()},
        "components": {"schemas": _SCHEMAS},
    }
