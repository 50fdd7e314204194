"""Problem details (VCDM 2.0 section 7.1, Data Integrity section 4.7, Bitstring Status List section 3.2; RFC 9457).

Every problem has a stable ``code`` of ours, listed in ``PROBLEMS`` with the problem type of the specification it stands
under and a title in English and Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from did.languages import in_language
from did.refusal import Refusal

__all__ = ["PROBLEMS", "Problem", "ProblemError", "ProblemType"]

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_OURS = "https://liangzheng.example/problems#"  # Where the specifications name no type.
_MALFORMED = _VCDM + "MALFORMED_VALUE_ERROR"
_RANGE = _VCDM + "RANGE_ERROR"


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
    "parse.carrier": ProblemType(_VCDM + "PARSING_ERROR", "Not the credential itself", "不是凭证本身"),
    # Offline kits (vc.kit).
    "kit.form": ProblemType(_MALFORMED, "Not a usable offline kit", "离线工具包无法使用"),
    "kit.signer": ProblemType(_OURS + "KIT_SIGNER", "The kit is signed by somebody else", "离线工具包由他人签名"),
    "kit.signature": ProblemType(_OURS + "KIT_SIGNATURE", "The kit was changed", "离线工具包已被改动"),
    "kit.period": ProblemType(_RANGE, "The kit is out of date", "离线工具包不在有效期内"),
    # Servers (vc.vc_api): nothing is wrong with what was sent.
    "service.busy": ProblemType(_OURS + "BUSY", "The service is busy", "服务繁忙，请稍后再试"),
    # The data model (vc.model): form, validity in time, related resources.
    "model.object": ProblemType(_MALFORMED, "A value must be an object", "属性值应为对象"),
    "model.keyword": ProblemType(_MALFORMED, "Not in compacted form", "文档不是压缩形式"),
    "model.context": ProblemType(_MALFORMED, "Wrong @context", "@context 有误"),
    "model.type": ProblemType(_MALFORMED, "Missing or wrong type", "type 缺失或有误"),
    "model.id": ProblemType(_MALFORMED, "The id is not a URL", "id 不是有效网址"),
    "model.issuer": ProblemType(_MALFORMED, "Missing or wrong issuer", "签发者缺失或有误"),
    "model.subject": ProblemType(_MALFORMED, "Missing or empty credentialSubject", "凭证主体缺失或为空"),
    "model.date_time": ProblemType(_MALFORMED, "Missing or wrong date and time", "日期时间缺失或有误"),
    "model.period": ProblemType(_RANGE, "The validity period ends before it begins", "有效期止早于有效期起"),
    "model.text": ProblemType(_MALFORMED, "Wrong name or description", "名称或描述有误"),
    "model.related_resource": ProblemType(_MALFORMED, "Wrong related resource", "相关资源有误"),
    "model.digest": ProblemType(_MALFORMED, "Not a digest that is understood", "摘要格式无法识别"),
    "model.digest_mismatch": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "A related resource was changed", "相关资源与摘要不符"
    ),
    "model.holder": ProblemType(_MALFORMED, "Wrong holder", "持有人有误"),
    "model.credentials": ProblemType(_MALFORMED, "Wrong credentials in the presentation", "出示内容中的凭证有误"),
    "model.envelope": ProblemType(_MALFORMED, "Wrong envelope", "封装有误"),
    "model.proof": ProblemType(_MALFORMED, "Wrong proof", "证明的形式有误"),
    "period.not_yet": ProblemType(_RANGE, "Not valid yet", "尚未生效"),
    "period.over": ProblemType(_RANGE, "No longer valid", "已过有效期"),
    # credentialSchema (vc.model.schemas).
    "schema.unavailable": ProblemType(
        _OURS + "SCHEMA_RETRIEVAL_ERROR", "The schema could not be obtained", "无法取得模式文件"
    ),
    "schema.digest": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The schema was changed", "模式文件与摘要不符"
    ),
    "schema.unsupported": ProblemType(
        _OURS + "SCHEMA_RETRIEVAL_ERROR", "A schema of a kind that is not supported", "不支持的模式类型"
    ),
    "schema.invalid": ProblemType(_MALFORMED, "The schema itself is not usable", "模式文件本身无法使用"),
    "schema.mismatch": ProblemType(_MALFORMED, "The credential does not fit its schema", "凭证与模式不符"),
    # Status lists (vc.status). Types: Bitstring Status List 1.0 section 3.5.
    "status.malformed": ProblemType(_STATUS + "MALFORMED_VALUE_ERROR", "A malformed status", "状态信息格式错误"),
    "status.messages": ProblemType(
        _STATUS + "MALFORMED_VALUE_ERROR", "Not one message for each status", "状态说明与状态数不符"
    ),
    "status.retrieval": ProblemType(
        _STATUS + "STATUS_RETRIEVAL_ERROR", "The status list could not be obtained", "无法取得状态列表"
    ),
    "status.verification": ProblemType(
        _STATUS + "STATUS_VERIFICATION_ERROR", "The status list can't be believed", "状态列表未通过验证"
    ),
    "status.purpose": ProblemType(
        _STATUS + "STATUS_VERIFICATION_ERROR", "The status list is for another purpose", "状态列表用途不符"
    ),
    "status.length": ProblemType(
        _STATUS + "STATUS_LIST_LENGTH_ERROR", "The status list is too short", "状态列表长度不足"
    ),
    "status.encoding": ProblemType(
        _STATUS + "MALFORMED_VALUE_ERROR", "The status list is not packed as it must be", "状态列表编码错误"
    ),
    "status.limit": ProblemType(_STATUS + "STATUS_LIST_LENGTH_ERROR", "The status list is too large", "状态列表过大"),
    "status.issuer": ProblemType(
        _STATUS + "STATUS_VERIFICATION_ERROR", "The status list is of another issuer", "状态列表签发者不符"
    ),
    "status.expired": ProblemType(
        _STATUS + "STATUS_VERIFICATION_ERROR", "The status list is not valid at this time", "状态列表不在有效期内"
    ),
    "status.replaced": ProblemType(
        _STATUS + "STATUS_VERIFICATION_ERROR", "The status list is older than one seen before", "状态列表旧于已知版本"
    ),
    "status.range": ProblemType(_STATUS + "RANGE_ERROR", "The index lies outside the status list", "状态索引超出范围"),
    "status.unsupported": ProblemType(
        _STATUS + "STATUS_RETRIEVAL_ERROR", "A status of a kind that is not supported", "不支持的状态类型"
    ),
    "status.revoked": ProblemType(_STATUS + "STATUS_VERIFICATION_ERROR", "Revoked", "已吊销"),
    "status.suspended": ProblemType(_STATUS + "STATUS_VERIFICATION_ERROR", "Suspended", "已暂停使用"),
    "status.refresh": ProblemType(_OURS + "STATUS_REFRESH", "A newer credential is available", "凭证有更新版本"),
    "status.message": ProblemType(_OURS + "STATUS_MESSAGE", "The issuer attached a message", "签发者附有消息"),
    "status.set": ProblemType(_STATUS + "STATUS_VERIFICATION_ERROR", "A status is set", "已设置状态标记"),
    # Presentations as QR symbols (vc.qr).
    "qr.base45": ProblemType(_VCDM + "PARSING_ERROR", "Not Base45 text", "不是 Base45 文本"),
    "qr.form": ProblemType(_VCDM + "PARSING_ERROR", "Not a presentation from a QR symbol", "不是亮证二维码内容"),
    "qr.parts": ProblemType(_VCDM + "PARSING_ERROR", "The symbols do not belong together", "二维码分片不完整或不匹配"),
    "qr.payload": ProblemType(_VCDM + "PARSING_ERROR", "The symbol's content is damaged", "二维码内容损坏"),
    "qr.limit": ProblemType(_VCDM + "PARSING_ERROR", "Too large for QR symbols", "内容过大，无法用二维码传递"),
    # Data Integrity proofs (vc.integrity, vc.verification). Types: Data Integrity 1.0 section 4.7, CID 1.0 section 3.5.
    "proof.missing": ProblemType(_VCDM + "PARSING_ERROR", "There is no proof", "没有证明"),
    "proof.form": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "The proof is malformed", "证明格式错误"),
    "proof.suite_unknown": ProblemType(_SECURITY + "PROOF_VERIFICATION_ERROR", "Unknown cryptosuite", "未知的密码套件"),
    "proof.hash_unknown": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "Unknown hash", "未知的散列算法"),
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
    "proof.limit": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The proofs ask for too much work", "证明所需计算量超出限制"
    ),
    "proof.transformation": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "The document can't be canonicalised", "文档无法规范化"
    ),
    "proof.generation": ProblemType(_SECURITY + "PROOF_GENERATION_ERROR", "The proof can't be made", "无法生成证明"),
    "pointer.form": ProblemType(_SECURITY + "PROOF_GENERATION_ERROR", "Not a JSON pointer", "不是 JSON 指针"),
    "pointer.no_match": ProblemType(
        _SECURITY + "PROOF_GENERATION_ERROR", "The pointer matches nothing", "指针未匹配任何内容"
    ),
    "pointer.hideable": ProblemType(
        _SECURITY + "PROOF_GENERATION_ERROR", "Not a member that could be made hideable", "不是可改为允许隐藏的属性"
    ),
    # JSON-LD to canonical N-Quads (vc.linked_data).
    "jsonld.undefined_term": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A term that no context defines", "术语未在上下文中定义"
    ),
    "jsonld.relative_iri": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "An identifier that is not an absolute IRI", "标识不是绝对 IRI"
    ),
    "jsonld.dropped_value": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A value would be lost when signing", "签名时会丢失的内容"
    ),
    "jsonld.protected_term": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A protected term is redefined", "受保护的术语被重新定义"
    ),
    "jsonld.invalid": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "Not valid JSON-LD", "不是有效的 JSON-LD"),
    "jsonld.limit": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "The document is too large", "文档超出限制"),
    # One reading (vc.linked_data.compaction, docs/reading.md).
    "reading.name": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A name that software does not look for", "成员名称不合规"
    ),
    "reading.value": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A value that can be read in two ways", "值的写法可作两种解读"
    ),
    "reading.number": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A number that is not written as usual", "数字写法不规范"
    ),
    "reading.reference": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "An identifier or type under another name", "标识或类型写法不规范"
    ),
    "reading.dropped": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "Something that no signature covers", "存在签名未覆盖的内容"
    ),
    "reading.split": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "One thing is described in two places", "同一对象在多处分别描述"
    ),
    "context": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "An unusable context", "上下文无法使用"),
    "context.unknown": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "An unknown context", "未知的上下文"),
    "context.digest": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A context was changed", "上下文内容被更改"
    ),
    "context.form": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "A registered context can't be read", "已登记的上下文无法读取"
    ),
    "context.invalid": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "Not a valid context", "上下文无效"),
    "rdfc.budget": ProblemType(
        _SECURITY + "PROOF_TRANSFORMATION_ERROR", "Canonicalising takes too much work", "规范化所需计算超出限制"
    ),
    "rdfc.syntax": ProblemType(_SECURITY + "PROOF_TRANSFORMATION_ERROR", "Not N-Quads", "不是 N-Quads"),
    "pointer.partial": ProblemType(
        _SECURITY + "PROOF_GENERATION_ERROR", "The value can only be selected whole", "该值只能整体选择"
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
    "verification.extra_missing": ProblemType(
        _OURS + "EXTRA_MISSING", "An optional part is not installed", "缺少可选组件，无法验证"
    ),
    "verification.internal": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The verification broke off", "验证过程中断"
    ),
    "context.inline": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR",
        "The document brings definitions of its own",
        "文档自带上下文定义",
    ),
    # Envelopes: JOSE, COSE, SD-JWT (vc.envelope).
    "envelope.form": ProblemType(_VCDM + "PARSING_ERROR", "Not an envelope that can be read", "无法读取的封装"),
    "envelope.header": ProblemType(_VCDM + "PARSING_ERROR", "An unusable header", "封装头不可用"),
    "envelope.algorithm": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "An unusable signature algorithm", "签名算法不可用"
    ),
    "envelope.media_type": ProblemType(_VCDM + "PARSING_ERROR", "Wrong media type", "媒体类型不符"),
    "envelope.claims": ProblemType(_MALFORMED, "Claims of the envelope are wrong", "封装中的声明有误"),
    "envelope.chain": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD",
        "The certificates do not lead to a trusted one",
        "证书链未通向受信任的证书",
    ),
    "sd_jwt.form": ProblemType(_VCDM + "PARSING_ERROR", "A malformed SD-JWT", "SD-JWT 格式错误"),
    "sd_jwt.disclosure": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "A disclosure does not belong here", "披露内容与签名不符"
    ),
    "sd_jwt.binding": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The key binding does not hold", "持有人密钥绑定无效"
    ),
    "type_metadata.unavailable": ProblemType(
        _OURS + "TYPE_METADATA_RETRIEVAL_ERROR", "The type metadata could not be obtained", "无法取得类型元数据"
    ),
    "type_metadata.form": ProblemType(_MALFORMED, "The type metadata is not usable", "类型元数据无法使用"),
    "type_metadata.integrity": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The type metadata was changed", "类型元数据与摘要不符"
    ),
    "type_metadata.mismatch": ProblemType(_MALFORMED, "The credential does not fit its type", "凭证与其类型元数据不符"),
    # Mobile documents, ISO/IEC 18013-5 (vc.mdoc).
    "mdoc.form": ProblemType(_VCDM + "PARSING_ERROR", "Not an mdoc that can be read", "无法读取的移动证件（mdoc）"),
    "mdoc.security_object": ProblemType(_MALFORMED, "The mobile security object is wrong", "移动安全对象（MSO）有误"),
    "mdoc.doc_type": ProblemType(_MALFORMED, "Wrong document type", "证件类型不符"),
    "mdoc.element": ProblemType(_MALFORMED, "Wrong data elements", "数据元素有误"),
    "mdoc.digest": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "An element is not the one that was signed", "数据元素与签名摘要不符"
    ),
    "mdoc.certificate": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD",
        "The certificate is not a document signer's",
        "证书不是证件签发者证书",
    ),
    "mdoc.signed": ProblemType(_RANGE, "Not signed while the certificate was valid", "签发时间不在证书有效期内"),
    "mdoc.device_key": ProblemType(
        _SECURITY + "INVALID_VERIFICATION_METHOD", "The device key can't be used", "设备密钥不可用"
    ),
    "mdoc.device_signature": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR",
        "The device did not sign this session",
        "设备签名与本次会话不符",
    ),
    "mdoc.device_mac": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "Device authentication by MAC is not supported", "不支持设备 MAC 认证"
    ),
    "mdoc.device_authorization": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR",
        "The device key may not sign these elements",
        "设备密钥无权签署这些数据元素",
    ),
    "mdoc.response": ProblemType(_MALFORMED, "The response holds no answer", "响应中没有证件"),
    "mdoc.document_error": ProblemType(
        _OURS + "DOCUMENT_ERROR", "The device reports that something was not returned", "设备报告有内容未返回"
    ),
    # Warnings of a verification.
    "warning.created": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "Created in the future", "证明创建时间在将来"
    ),
    "warning.challenge": ProblemType(
        _SECURITY + "INVALID_CHALLENGE_ERROR", "A challenge was not compared", "挑战值未作比对"
    ),
    "warning.domain": ProblemType(_SECURITY + "INVALID_DOMAIN_ERROR", "A domain was not compared", "使用域未作比对"),
    "warning.other_subject": ProblemType(
        _SECURITY + "PROOF_VERIFICATION_ERROR", "The credential is about somebody else", "凭证主体并非出示者"
    ),
    "warning.schema": ProblemType(_OURS + "SCHEMA_RETRIEVAL_ERROR", "The schema was not checked", "未检查模式"),
    "warning.not_shown": ProblemType(
        _OURS + "NOT_SHOWN", "Not shown: the credential may have it", "未出示：凭证可能载有此项"
    ),
    "warning.status": ProblemType(_STATUS + "STATUS_RETRIEVAL_ERROR", "The status was not checked", "未检查状态"),
    # What a verifier's policy demands (vc.verification.demands).
    "policy.not_shown": ProblemType(_OURS + "POLICY_ERROR", "Not shown, but demanded", "未出示验证方要求出示的内容"),
    "policy.type": ProblemType(_OURS + "POLICY_ERROR", "Not of an expected type", "凭证类型不在接受范围内"),
    "policy.issuer": ProblemType(_OURS + "POLICY_ERROR", "Not of a trusted issuer", "签发者不在信任范围内"),
    "policy.context": ProblemType(_OURS + "POLICY_ERROR", "Not of the expected contexts", "上下文不在接受范围内"),
    "policy.cryptosuite": ProblemType(
        _OURS + "POLICY_ERROR", "Not secured with an expected cryptosuite", "未使用验证方要求的密码套件"
    ),
    "policy.holder_binding": ProblemType(
        _OURS + "POLICY_ERROR", "Not shown to be held by its holder", "未证明由持有人本人出示"
    ),
    "policy.created_missing": ProblemType(
        _OURS + "POLICY_ERROR", "The proof does not say when it was made", "证明未载明创建时间"
    ),
    "policy.too_old": ProblemType(_OURS + "POLICY_ERROR", "The proof is too old", "证明创建过久"),
    "policy.expires_missing": ProblemType(_OURS + "POLICY_ERROR", "The proof does not expire", "证明未载明到期时间"),
    "policy.expires_late": ProblemType(_OURS + "POLICY_ERROR", "The proof expires too late", "证明的到期时间过远"),
    # Cards, identifiers, portraits and the transport message (vc.cards).
    "card.unknown": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Not a card that is known here", "未知的证照种类"),
    "card.claim_unknown": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "The card has no such claim", "证照无此项目"),
    "card.claim_missing": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "A required claim is missing", "缺少必需项目"),
    "card.claim_value": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "A claim has a wrong value", "项目取值错误"),
    "card.code_unknown": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Not a code of the list", "代码不在代码表中"),
    "card.inconsistent": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Claims contradict each other", "项目之间不一致"),
    "card.validity": ProblemType(
        _VCDM + "RANGE_ERROR", "The card's validity is not as the rules say", "有效期限不符合规定"
    ),
    "card.form": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Not a credential of this card", "不是该证照的凭证"),
    "card.member_missing": ProblemType(
        _MALFORMED, "Something that such a card must show is missing", "缺少该证照必须出示的内容"
    ),
    "card.member_unknown": ProblemType(
        _MALFORMED, "Something that such a card does not have", "含有该证照不应有的内容"
    ),
    "card.household": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "The household does not fit together", "户内成员不一致"
    ),
    "identity_number.form": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "Not a citizen identity number", "公民身份号码格式错误"
    ),
    "identity_number.date": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "No such birth date", "公民身份号码中的日期不存在"
    ),
    "identity_number.check": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "Wrong check character", "公民身份号码校验码错误"
    ),
    "identity_number.division": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR",
        "The number's division is not a present one",
        "公民身份号码中的行政区划非现行代码",
    ),
    "licence_identifier.form": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "Not an e-licence identifier", "电子证照标识格式错误"
    ),
    "licence_file.form": ProblemType(_MALFORMED, "Not an OFD file that can be read", "不是可读取的 OFD 文件"),
    "licence_file.identifier": ProblemType(
        _MALFORMED, "The licence file has another licence's identifier", "证照文件的电子证照标识与卡证不符"
    ),
    "licence_file.digest": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "Not the licence file that the card names", "不是卡证所指的证照文件"
    ),
    "licence_file.not_named": ProblemType(_MALFORMED, "The card names no licence file", "卡证未指明证照文件"),
    "licence_identifier.check": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "Wrong check character", "电子证照标识校验位错误"
    ),
    "portrait.missing": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "The portrait's bytes are missing", "缺少照片数据"
    ),
    "portrait.digest": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "The portrait is not the one that was signed", "照片与签发的摘要不符"
    ),
    "portrait.form": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Not a portrait", "照片格式错误"),
    "message.form": ProblemType(_VCDM + "PARSING_ERROR", "Not a presentation message", "不是亮证消息"),
    "message.limit": ProblemType(_VCDM + "PARSING_ERROR", "The message is over a limit", "消息超出限制"),
    "message.attachment": ProblemType(
        _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR", "An attachment is not what its digest says", "附件与摘要不符"
    ),
    # Requests and scenarios (vc.scenarios).
    "request.form": ProblemType(_VCDM + "PARSING_ERROR", "Not a presentation request", "不是亮证请求"),
    "request.expired": ProblemType(_VCDM + "RANGE_ERROR", "The request is not valid now", "亮证请求不在有效时间内"),
    "request.excess": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "The request asks for more than its scenario allows", "请求超出场景允许的范围"
    ),
    "scenario.unknown": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Unknown scenario", "未知的使用场景"),
    "scenario.version": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "Another version of the scenario", "场景版本不符"),
    "scenario.card_missing": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "A card is missing", "缺少证照"),
    "scenario.card_extra": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "A card that was not asked for", "多出未请求的证照"
    ),
    "scenario.claim_missing": ProblemType(_VCDM + "MALFORMED_VALUE_ERROR", "A claim is missing", "缺少项目"),
    "scenario.claim_absent": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "A claim that tells how to go on is absent", "未出示影响办理的项目"
    ),
    "scenario.claim_extra": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "A claim that was not asked for", "多出未请求的项目"
    ),
    "scenario.stale": ProblemType(_VCDM + "RANGE_ERROR", "Not fresh enough for the scenario", "证照信息不够新"),
    "scenario.card_validity": ProblemType(
        _VCDM + "RANGE_ERROR", "The card itself is not valid today", "证件不在有效期内"
    ),
    "scenario.region": ProblemType(_VCDM + "RANGE_ERROR", "The card does not count in this region", "证照不在适用地区"),
    "scenario.binding": ProblemType(
        _VCDM + "MALFORMED_VALUE_ERROR", "The cards do not belong together", "证照之间不匹配"
    ),
    # The verifier role (verifier): its trust list, its requests, one presentation once.
    "trust.unavailable": ProblemType(_OURS + "TRUST_LIST_ERROR", "There is no usable trust list", "没有可用的信任列表"),
    "trust.form": ProblemType(_OURS + "TRUST_LIST_ERROR", "Not a trust list", "不是信任列表"),
    "trust.proof": ProblemType(_OURS + "TRUST_LIST_ERROR", "The trust list did not verify", "信任列表未通过验证"),
    "trust.anchor": ProblemType(
        _OURS + "TRUST_LIST_ERROR", "The trust list is signed by somebody else", "信任列表并非由信任锚签署"
    ),
    "trust.expired": ProblemType(_OURS + "TRUST_LIST_ERROR", "The trust list is not valid now", "信任列表不在有效期内"),
    "trust.older": ProblemType(
        _OURS + "TRUST_LIST_ERROR", "The trust list is older than the one in use", "信任列表早于现用列表"
    ),
    "trust.issuer": ProblemType(_OURS + "TRUST_ERROR", "The issuer is not trusted", "签发者不在信任列表中"),
    "trust.card": ProblemType(_OURS + "TRUST_ERROR", "The issuer may not issue this card", "签发者无权签发此证照"),
    "trust.region": ProblemType(
        _OURS + "TRUST_ERROR", "The issuer may not issue for this region", "签发者无权为此地区签发"
    ),
    "trust.verifier": ProblemType(_OURS + "TRUST_ERROR", "This place may not use the scenario", "本单位无权使用此场景"),
    "request.unknown": ProblemType(
        _OURS + "REQUEST_ERROR", "No request of this verifier has this challenge", "本单位没有发出过对应的亮证请求"
    ),
    "request.foreign": ProblemType(
        _OURS + "REQUEST_ERROR", "The request is of another verifier", "亮证请求并非由本单位发出"
    ),
    "replay.used": ProblemType(_OURS + "REPLAY_ERROR", "Already used", "已使用过，不能再次使用"),
    "replay.unavailable": ProblemType(
        _OURS + "REPLAY_ERROR", "It can't be told whether this was used before", "无法确认是否已使用过"
    ),
    "verifier.region": ProblemType(
        _VCDM + "RANGE_ERROR", "The scenario does not count where this place is", "场景不适用于本地区"
    ),
}
"""All problem codes. Each module that reports problems has its own section here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and what to do.

    ``code`` is a key of ``PROBLEMS``, ``detail`` a sentence for people (no personal data beyond what the pointer
    names), ``pointer`` a JSON pointer (RFC 6901) into the document that was checked. ``detail_zh`` is the sentence in
    Chinese, where there is one.
    """

    code: str
    detail: str
    pointer: str = ""
    detail_zh: str = ""

    def at(self, pointer: str) -> Problem:
        """The same problem, said of another place."""
        return Problem(self.code, self.detail, pointer, self.detail_zh)

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
        found = {
            "type": kind.type,
            "title": kind.title,
            "titleZh": kind.title_zh,
            "code": self.code,
            "detail": self.detail,
            "pointer": self.pointer,
        }
        if self.detail_zh:
            found["detailZh"] = self.detail_zh
        return found


class ProblemError(Refusal, ValueError):
    """Input of the caller's own that can't be used (issuing, deriving, presenting); carries every problem found.

    ``code`` is that of the first problem.
    """

    unusable = True

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise TypeError("a ProblemError needs at least one problem")
        super().__init__(
            "；".join(f"{PROBLEMS[p.code].title_zh}（{p.code}，{p.pointer or '/'}）" for p in problems),
            "; ".join(f"{p.code} at {p.pointer or '/'}: {p.detail}" for p in problems),
        )
        self.problems = problems
        self.code = problems[0].code

    def lines(self, language: str) -> list[str]:
        """A line for each problem: code, place, title, detail."""
        found = []
        for problem in self.problems:
            kind = PROBLEMS[problem.code]
            where = f" {problem.pointer}" if problem.pointer else ""
            title = in_language(kind.title_zh, kind.title, language)
            found.append(f"{problem.code}{where}: {title}: {problem.detail}")
        return found
