"""The kinds of files that are told apart: a name for people, and what to do with one that can't be verified."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["KINDS", "Kind"]


class Kind(NamedTuple):
    """``name`` and ``advice`` in two languages; ``verifiable``: ``vc.verify`` takes it as it is."""

    name: str
    name_zh: str
    advice: str = ""
    advice_zh: str = ""
    verifiable: bool = False


_ASK: Final = ("ask who gave it for the credential itself", "请向提供者索取凭证本身")
_NO_CREDENTIAL: Final = ("it is no credential", "它不是凭证")

KINDS: Final[dict[str, Kind]] = {
    "credential": Kind("a verifiable credential", "可验证凭证", verifiable=True),
    "presentation": Kind("a verifiable presentation", "可验证出示", verifiable=True),
    "unsecured-credential": Kind(
        "a credential that nobody has signed",
        "未签名的凭证",
        "ask the issuer for the signed one: with a proof, or as a JWT, SD-JWT or COSE",
        "请向签发者索取已签名的凭证：带 proof，或为 JWT、SD-JWT、COSE",
        verifiable=True,
    ),
    "unsecured-presentation": Kind(
        "a presentation that its holder has not signed",
        "持有人未签名的出示",
        "who shows it is not proven; a credential in it can be verified by itself: --at /verifiableCredential/0",
        "无法证明由谁出示；其中的凭证可单独验证：--at /verifiableCredential/0",
        verifiable=True,
    ),
    "status-list": Kind("a status list credential", "状态列表凭证", verifiable=True),
    "trust-list": Kind("a trust list", "信任名单", verifiable=True),
    "jwt": Kind("a credential as a JWT", "JWT 凭证", verifiable=True),
    "jwt-presentation": Kind("a presentation as a JWT", "JWT 出示", verifiable=True),
    "sd-jwt": Kind("an SD-JWT", "SD-JWT", verifiable=True),
    "sd-jwt-json": Kind("an SD-JWT in JSON serialisation", "SD-JWT（JSON 序列化）", verifiable=True),
    "cose": Kind("a COSE_Sign1 envelope", "COSE_Sign1 封装", verifiable=True),
    "status-list-token": Kind(
        "a status list token",
        "状态列表令牌",
        "it says which credentials are revoked, and is none itself: give it with --status-list",
        "它记载哪些凭证已撤销，本身不是凭证：请用 --status-list 提供",
    ),
    "other-jwt": Kind("a JWT that is no credential", "非凭证的 JWT", *_ASK),
    "jwe": Kind(
        "encrypted (a JWE)",
        "加密内容（JWE）",
        "only who holds the private key can open it: ask the receiver for what is inside",
        "仅持有私钥者可解密：请向接收方索取其中内容",
    ),
    "key-file": Kind(
        "an encrypted key file of this project",
        "本项目的加密密钥文件",
        "keep it to yourself: it belongs after --key",
        "请勿交给他人：应跟在 --key 之后",
    ),
    "private-key": Kind(
        "a private key",
        "私钥",
        "keep it to yourself; if a stranger has seen it, treat it as lost",
        "请勿交给他人；若已外泄，应视为丢失",
    ),
    "public-key": Kind("a public key", "公钥", *_NO_CREDENTIAL),
    "certificate": Kind(
        "a certificate", "证书", "a trust anchor belongs after --anchor", "作为信任锚时应跟在 --anchor 之后"
    ),
    "vc-api": Kind("a VC-API message", "VC-API 消息", *_ASK),
    "oid4vci-response": Kind("an OpenID4VCI credential response", "OpenID4VCI 凭证响应", *_ASK),
    "oid4vp-response": Kind("an OpenID4VP response", "OpenID4VP 响应", *_ASK),
    "oid4vci-offer": Kind(
        "an OpenID4VCI credential offer",
        "OpenID4VCI 凭证要约",
        "a wallet redeems it for a credential",
        "由钱包据此领取凭证",
    ),
    "issuer-metadata": Kind("the metadata of a credential issuer", "凭证签发者元数据", *_NO_CREDENTIAL),
    "presentation-request": Kind(
        "a presentation request",
        "出示请求",
        "a wallet answers it; what it answers can be verified",
        "由钱包应答；应答可供验证",
    ),
    "transport-message": Kind("a transport message of Liangzheng", "亮证传输消息", *_ASK),
    "chapi": Kind("a message of a browser's credential handler (CHAPI)", "浏览器凭证处理消息（CHAPI）", *_ASK),
    "didcomm": Kind("a DIDComm message", "DIDComm 消息", *_ASK),
    "did-configuration": Kind("a domain's DID configuration", "域名的 DID 配置", *_ASK),
    "did-document": Kind(
        "a DID document",
        "DID 文档",
        "it says which keys a DID has: give it with --did",
        "它记载 DID 的密钥：请用 --did 提供",
    ),
    "did-resolution": Kind(
        "the result of a DID resolution", "DID 解析结果", "the DID document is inside", "其中含有 DID 文档"
    ),
    "did-log": Kind("the log of a did:webvh", "did:webvh 日志", *_NO_CREDENTIAL),
    "verification-result": Kind(
        "the result of an earlier verification",
        "先前的验证结果",
        "what somebody else found proves nothing: verify the credential itself",
        "他人的结论不足为凭：请验证凭证本身",
    ),
    "receipt": Kind("a receipt of a verification", "核验回执", *_NO_CREDENTIAL),
    "context": Kind(
        "a JSON-LD context", "JSON-LD 上下文", "it belongs after --context URL=", "应跟在 --context URL= 之后"
    ),
    "schema": Kind("a JSON Schema", "JSON Schema", "it belongs after --schema URL=", "应跟在 --schema URL= 之后"),
    "kit": Kind("an offline kit", "离线工具包", "it belongs after --kit", "应跟在 --kit 之后"),
    "open-badge-2": Kind(
        "an Open Badge 2.0",
        "Open Badge 2.0",
        "it is checked on its issuer's web site only: ask the issuer for the badge as Open Badges 3.0",
        "只能在签发者网站核对：请向签发者索取 Open Badges 3.0 徽章",
    ),
    "json-wrapper": Kind("a JSON object around something else", "包裹其他内容的 JSON 对象", *_ASK),
    "json-array": Kind("a JSON array", "JSON 数组", *_ASK),
    "json-string": Kind("a JSON string", "JSON 字符串", *_ASK),
    "json": Kind("JSON that is no credential", "非凭证的 JSON", *_ASK),
    "png": Kind(
        "a picture (PNG)",
        "图片（PNG）",
        "a badge carries its credential inside: this picture has none, so ask the issuer for the baked one or the JSON",
        "徽章图片内应含凭证：此图片没有，请向签发者索取含凭证的图片或 JSON",
    ),
    "svg": Kind(
        "a picture (SVG)",
        "图片（SVG）",
        "a badge carries its credential inside: this picture has none, so ask the issuer for the baked one or the JSON",
        "徽章图片内应含凭证：此图片没有，请向签发者索取含凭证的图片或 JSON",
    ),
    "picture": Kind(
        "a picture",
        "图片",
        "a QR code in it has to be scanned; pictures of this kind carry no credential",
        "其中的二维码需要扫描；此类图片不含凭证",
    ),
    "pdf": Kind("a PDF", "PDF", "ask the issuer for the credential itself (JSON or JWT)", "请向签发者索取凭证本身"),
    "archive": Kind("an archive", "压缩包", "unpack it first", "请先解压"),
    "html": Kind(
        "a web page",
        "网页",
        "download the credential that it shows (JSON or JWT), not the page",
        "请下载页面所示的凭证（JSON 或 JWT），而非页面",
    ),
    "xml": Kind("XML", "XML", *_ASK),
    "mdoc-issuer-signed": Kind(
        "an mdoc as issued (ISO/IEC 18013-5 IssuerSigned)",
        "签发的 mdoc（ISO/IEC 18013-5 IssuerSigned）",
        "ask the issuer for the credential as SD-JWT VC or W3C Verifiable Credential",
        "请向签发者索取 SD-JWT VC 或 W3C 可验证凭证",
    ),
    "mdoc-device-response": Kind(
        "an mdoc as shown (ISO/IEC 18013-5 DeviceResponse)",
        "出示的 mdoc（ISO/IEC 18013-5 DeviceResponse）",
        "ask for the credential as SD-JWT VC or W3C Verifiable Credential",
        "请索取 SD-JWT VC 或 W3C 可验证凭证",
    ),
    "cbor": Kind("CBOR that is no COSE_Sign1", "非 COSE_Sign1 的 CBOR", *_ASK),
    "cbor-ld": Kind("CBOR-LD", "CBOR-LD", "vc.qr.cbor_ld reads it", "可由 vc.qr.cbor_ld 读取"),
    "qr-liangzheng": Kind("the text of Liangzheng's QR symbols", "亮证二维码文本", *_ASK),
    "qr-vpqr": Kind(
        "the text of a QR code with a presentation (VP1: CBOR-LD in base32)",
        "含出示的二维码文本（VP1，CBOR-LD）",
        "a reader of VPQR opens it; ask for the presentation as JSON",
        "需 VPQR 读取器；请索取 JSON 形式的出示",
    ),
    "qr-vc-barcode": Kind(
        "the text of a Verifiable Credential Barcode (VC1: CBOR-LD)",
        "可验证凭证条码文本（VC1，CBOR-LD）",
        "a reader of VC Barcodes opens it; ask for the credential as JSON",
        "需 VC Barcodes 读取器；请索取 JSON 形式的凭证",
    ),
    "link": Kind(
        "a link",
        "链接",
        "nothing is fetched from a link in a file: open it in a wallet or browser and save what it gives",
        "不会访问文件中的链接：请用钱包或浏览器打开并保存其内容",
    ),
    "text-encoding": Kind("text in another encoding than UTF-8", "非 UTF-8 编码的文本", *_ASK),
    "data-url": Kind("a data: URL", "data: 网址", *_ASK),
    "hexadecimal": Kind("bytes in hexadecimal", "十六进制字节", *_ASK),
    "empty": Kind("empty", "空文件", "nothing is in it", "其中没有内容"),
    "unknown": Kind("nothing that is known here", "无法识别的内容", *_ASK),
}
