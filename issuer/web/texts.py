"""Words for codes: states, reasons, events, roles - Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from did.languages import in_language
from issuer.lifecycle import REVOCATION_REASONS, SUSPENSION_CAUSES

__all__ = ["word"]

_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "application": {
        "awaiting-proof": ("待核验身份", "awaiting proof"),
        "awaiting-device": ("待领取", "ready to collect"),
        "issued": ("已签发", "issued"),
        "refused": ("未能签发", "refused"),
        "expired": ("已过期", "expired"),
    },
    "card": {
        "pending": ("待领取", "ready to collect"),
        "issued": ("已签发", "issued"),
        "refused": ("未能签发", "refused"),
        "active": ("有效", "valid"),
        "suspended": ("已暂停", "suspended"),
        "revoked": ("已吊销", "revoked"),
        "expired": ("已过期", "expired"),
    },
    "refusal": {
        "register.no_record": ("登记中没有该证照所需信息", "the register holds no such licence"),
        "card.region": ("签发机关不在本地区", "another region's agency issues it"),
        "card.issued": ("该设备已有此证照", "the device has this card already"),
        "card.held": ("机关暂停向您签发该证照，详见“申领”页", "the authority holds this card back: see the page Apply"),
        "card.lapsed": ("签注已过期，请先办理签注", "the endorsement lapsed: have it renewed first"),
    },
    "device": {
        "active": ("使用中", "in use"),
        "lost": ("已报失", "reported lost"),
        "retired": ("已注销", "retired"),
    },
    "person": {
        "living": ("正常", "living"),
        "deceased": ("死亡", "deceased"),
        "emigrated": ("出国定居", "emigrated"),
    },
    "role": {
        "clerk": ("受理员", "clerk"),
        "supervisor": ("主管", "supervisor"),
        "auditor": ("审计员", "auditor"),
    },
    "update": {
        "unchanged": ("登记信息没有变化", "The register says the same: nothing to update"),
        "changed": (
            "已生成新版本，请在卡包中点“更新”取回",
            "A new version is ready: press Update in the wallet",
        ),
        "renewed": ("已续期，请在卡包中点“更新”取回", "The card was renewed: press Update in the wallet"),
        "suspended": ("签注已过期，证照已暂停", "The endorsement lapsed: the card is suspended"),
        "revoked": ("证照已吊销", "The card is revoked"),
    },
    "cause": SUSPENSION_CAUSES,
    "reason": REVOCATION_REASONS,
    "event": {
        "application.admitted": ("确认领取手机", "phone admitted"),
        "application.opened": ("提交申请", "application opened"),
        "application.proved": ("身份已核验", "applicant proved"),
        "application.issued": ("申请办结", "application issued"),
        "application.refused": ("申请未通过", "application refused"),
        "audit.verified": ("核验审计日志", "audit log verified"),
        "authority.created": ("建立签发机关", "authority created"),
        "card.refused": ("证照未签发", "card refused"),
        "credential.issued": ("签发证照", "card issued"),
        "credential.resumed": ("恢复证照", "suspension lifted"),
        "credential.revoked": ("吊销证照", "card revoked"),
        "credential.suspended": ("暂停证照", "card suspended"),
        "device.found": ("设备找回", "device found"),
        "device.lost": ("设备报失", "device lost"),
        "device.retired": ("设备注销", "device retired"),
        "hold.lifted": ("解除签发限制", "hold lifted"),
        "hold.placed": ("设置签发限制", "hold placed"),
        "officer.added": ("新增账户", "account added"),
        "officer.closed": ("停用账户", "account closed"),
        "officer.opened": ("启用账户", "account opened"),
        "officer.password": ("修改密码", "password set"),
        "officer.refused": ("登录被拒", "sign-in refused"),
        "officer.signed_in": ("登录", "signed in"),
        "officer.signed_out": ("退出", "signed out"),
        "register.corrected": ("更正登记", "register corrected"),
        "register.imported": ("导入登记", "register imported"),
        "register.life_status": ("变更人员状态", "status of person"),
        "register.portrait": ("更换照片", "portrait set"),
        "register.searched": ("查询登记", "register searched"),
        "register.viewed": ("查看登记", "register viewed"),
        "resident.signed_in": ("居民登录", "resident signed in"),
        "status_list.published": ("发布状态列表", "status list published"),
    },
    "audit": {
        "missing": ("缺少条目", "an entry is missing"),
        "previous": ("前后条目不衔接", "an entry does not follow the one before"),
        "digest": ("条目内容被改动", "an entry was changed"),
        "head": ("末尾被截断", "the end was cut off"),
        "expected": ("与记录的末端摘要不符", "the head noted earlier is not in the log"),
    },
}


def word(group: str, code: str | None, language: str) -> str:
    """The word for a code; the code itself when there is none."""
    if code is None:
        return ""
    zh, en = _WORDS[group].get(code, (code, code))
    return in_language(zh, en, language)
