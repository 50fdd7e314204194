"""The fixed lists that synthetic people are named and housed from. All invented or common; no real person is meant."""

from __future__ import annotations

from .draw import Draw

__all__ = ["given_name", "occupation", "street", "surname"]

_SURNAMES = [
    (weight, surname)
    for weight, surnames in (
        (7, "王李张刘陈杨"),
        (4, "赵黄周吴徐孙胡朱高林"),
        (2, "何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅"),
        (1, "曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"),
    )
    for surname in surnames
] + [(1, "欧阳"), (1, "司马"), (1, "诸葛"), (1, "上官")]

_MALE = tuple(
    """
    伟 强 磊 军 洋 勇 杰 涛 超 明 刚 平 辉 鹏 华 飞 鑫 波 斌 宇 浩然 子轩 建国 建军 志强 文博 俊杰 思远 天佑 家豪
    明轩 国栋 永康 德华 立新 志明 海涛 晓东 一鸣 博文 泽宇 雨泽 梓睿 昊天 景行 承志 兴邦 光明 成林 春生
    """.split()  # noqa: SIM905  (a list of names reads better so)
)
_FEMALE = tuple(
    """
    芳 娜 敏 静 丽 艳 娟 霞 燕 玲 桂英 秀英 婷 雪 慧 莉 倩 琳 梅 兰 雨桐 梓涵 欣怡 思琪 诗涵 佳怡 若曦 梦瑶 晓红
    春梅 玉兰 淑珍 秀兰 凤英 丽华 雅琴 文静 紫萱 可馨 语嫣 一诺 依诺 海燕 晓燕 婉清 月华 素芬 惠芳 明珠 春燕
    """.split()  # noqa: SIM905  (a list of names reads better so)
)

_STREETS = tuple(
    """
    迎春路 竹影街 望江巷 银杏大道 芙蓉路 锦绣街 清溪路 松林街 桂花巷 长虹路 新华里 光明街 书院路 青龙街 翠屏路
    白鹭大道 红星里 梨花街 涌泉路 和平巷 玉泉街 紫荆路 建设里 民乐街 滨河路 东风巷 朝阳街 文庙路 金沙里 云山街
    """.split()  # noqa: SIM905  (a list of names reads better so)
)

_OCCUPATIONS = (
    ("教师", "示例中学"),
    ("医生", "示例人民医院"),
    ("护士", "示例人民医院"),
    ("工程师", "示例机械厂"),
    ("工人", "示例机械厂"),
    ("会计", "示例商贸有限公司"),
    ("销售员", "示例商贸有限公司"),
    ("厨师", "示例饭店"),
    ("司机", "示例运输公司"),
    ("程序员", "示例软件有限公司"),
    ("职员", "示例物业服务公司"),
    ("个体经营者", ""),
    ("农民", ""),
    ("公务员", "示例街道办事处"),
)


def surname(draw: Draw) -> str:
    """A surname, the common ones more often."""
    return draw.weighted(_SURNAMES)


def given_name(draw: Draw, sex: str, taken: set[str]) -> str:
    """A given name for a sex (GB/T 2261.1 code) that is not among those ``taken`` in the family; adds it to them."""
    names = _MALE if sex == "1" else _FEMALE
    name = draw.pick([name for name in names if name not in taken] or names)
    taken.add(name)
    return name


def street(draw: Draw) -> str:
    """A street's name."""
    return draw.pick(_STREETS)


def occupation(draw: Draw) -> tuple[str, str]:
    """An occupation and a workplace (which may be empty)."""
    return draw.pick(_OCCUPATIONS)
