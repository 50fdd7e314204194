"""Problem details (VCDM 2.0 section 7.1, Data Integrity section 4.7, Bitstring Status List section 3.2; RFC 9457).

Every problem has a stable ``code`` of ours, listed in ``PROBLEMS`` with the problem type of the specification it stands
under and a title in English and Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["PROBLEMS", "Problem", "ProblemError", "ProblemType"]

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"


class ProblemType(NamedTuple):
    """What a code stands for: the problem type URL of the specification, and a title in two languages."""

    type: str
    title: str
    title_zh: str


PROBLEMS: dict[str, ProblemType] = {
    # Parsing: before anything is believed.
    "parse.json": ProblemType(_VCDM + "PARSING_ERROR", "Not a JSON document", "不是有效的 JSON"),
    "parse.encoding": ProblemType(_VCDM + "PARSING_ERROR", "Not UTF-8 text", "不是 UTF-8 文本"),
    "parse.duplicate_key": ProblemType(_VCDM + "PARSING_ERROR", "A member appears twice", "成员重复"),
    "parse.limit": ProblemType(_VCDM + "PARSING_ERROR", "The document is over a limit", "文档超出限制"),
    "parse.form": ProblemType(_VCDM + "PARSING_ERROR", "Not a form that can be verified", "无法识别的文档形式"),
    # Presentations as QR symbols (vc.qr).
    "qr.base45": ProblemType(_VCDM + "PARSING_ERROR", "Not Base45 text", "不是 Base45 文本"),
    "qr.form": ProblemType(_VCDM + "PARSING_ERROR", "Not a presentation from a QR symbol", "不是亮证二维码内容"),
    "qr.parts": ProblemType(_VCDM + "PARSING_ERROR", "The symbols do not belong together", "二维码分片不完整或不匹配"),
    "qr.payload": ProblemType(_VCDM + "PARSING_ERROR", "The symbol's content is damaged", "二维码内容损坏"),
    "qr.limit": ProblemType(_VCDM + "PARSING_ERROR", "Too large for QR symbols", "内容过大，无法用二维码传递"),
    # Data Integrity proofs (vc.integrity, vc.verification). Types: Data Integrity 1.0 section 4.7, CID 1.0 section 3.5.
    "proof.missing": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "There is no proof", "没有证明"),
    "proof.form": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "The proof is malformed", "证明格式错误"),
    "proof.suite_unknown": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "Unknown cryptosuite", "未知的密码套件"),
    "proof.value": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The proof value is malformed", "证明值格式错误"
    ),
    "proof.signature": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The signature does not match the document", "签名与文档不符"
    ),
    "proof.base": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "A base proof is for the holder only", "基础证明只供持有人使用"
    ),
    "proof.context": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The proof's contexts are not the document's", "证明的上下文与文档不符"
    ),
    "proof.created": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "Bad creation time of the proof", "证明创建时间有误"
    ),
    "proof.expired": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "The proof has expired", "证明已过期"),
    "proof.purpose": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "Wrong proof purpose", "证明用途不符"),
    "proof.previous": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "A previous proof of the chain is missing", "证明链缺少前一证明"
    ),
    "proof.challenge": ProblemType(_SECURITY + "INVALID_CHALLENGE_ERROR", "Wrong challenge", "挑战值不符"),
    "proof.domain": ProblemType(_SECURITY + "INVALID_DOMAIN_ERROR", "Wrong domain", "使用域不符"),
    "proof.transformation": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "The document can't be canonicalised", "文档无法规范化"
    ),
    "proof.generation": ProblemType(_SECURITY + "PROOF_GENERATION_ERROR", "The proof can't be made", "无法生成证明"),
    "pointer.form": ProblemType(_SECURITY + "PROOF_GENERATION_ERROR", "Not a JSON pointer", "不是 JSON 指针"),
    "pointer.no_match": ProblemType(
        _SECURITY + "PROOF_GENERATION_ERROR", "The pointer matches nothing", "指针未匹配任何内容"
    ),
    "method.invalid": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD", "Unusable verification method", "验证方法不可用"
    ),
    "method.unavailable": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD", "The verification method is out of reach", "无法获取验证方法"
    ),
    "method.purpose": ProblemType(
        _SECURITY + "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
        "The key is not listed for this purpose",
        "密钥未列入该用途",
    ),
    "method.key_type": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD", "The key does not fit the cryptosuite", "密钥与密码套件不匹配"
    ),
    "method.expired": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD", "The key has expired or was revoked", "密钥已过期或被撤销"
    ),
    "issuer.controller": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The issuer does not control the signing key", "签发者不控制签名密钥"
    ),
    "holder.controller": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The holder does not control the signing key", "持有人不控制签名密钥"
    ),
    "holder.binding": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "A credential is bound to another holder", "凭证绑定的是其他持有人"
    ),
    "validity.not_yet": ProblemType(_VCDM + "RANGE_ERROR", "Not valid yet", "尚未生效"),
    "validity.expired": ProblemType(_VCDM + "RANGE_ERROR", "No longer valid", "已过有效期"),
    "verification.internal": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The verification broke off", "验证过程中断"
    ),
    # Warnings of a verification.
    "warning.challenge": ProblemType(
        _SECURITY + "INVALID_CHALLENGE_ERROR", "A challenge was not compared", "挑战值未作比对"
    ),
    "warning.domain": ProblemType(_SECURITY + "INVALID_DOMAIN_ERROR", "A domain was not compared", "使用域未作比对"),
    "warning.status": ProblemType(_STATUS + "STATUS_RETRIEVAL_ERROR", "The status was not checked", "未检查状态"),
}
"""All problem codes. Each module that reports problems has its own section here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and what to do.

    ``code`` is a key of ``PROBLEMS``, ``detail`` a sentence for people (no personal data beyond what the pointer
    names), ``pointer`` a JSON pointer (RFC 6901) into the document that was checked.
    """

    code: str
    detail: str
    pointer: str = ""

    @property
    def type(self) -> str:
        """The problem type URL of the specification."""
        return PROBLEMS[self.code].type

    @property
    def title(self) -> str:
        """The English title of the code."""
        return PROBLEMS[self.code].title

    def to_dict(self) -> dict[str, Any]:
        """The problem as JSON (RFC 9457 members, plus ``code``, ``pointer`` and the Chinese title)."""
        kind = PROBLEMS[self.code]
        return {
            "type": kind.type,
            "title": kind.title,
            "titleZh": kind.title_zh,
            "code": self.code,
            "detail": self.detail,
            "pointer": self.pointer,
        }


class ProblemError(ValueError):
    """Input of the caller's own that can't be used (issuing, deriving, presenting); carries every problem found."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise TypeError("a ProblemError needs at least one problem")
        super().__init__("; ".join(f"{p.code} at {p.pointer or '/'}: {p.detail}" for p in problems))
        self.problems = problems

    @property
    def code(self) -> str:
        """The code of the first problem."""
        return self.problems[0].code
