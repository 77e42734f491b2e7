"""What stands around: props and scenes, with their words."""

from __future__ import annotations

from dataclasses import dataclass

from training.stickers.words import Words


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing: its words with the English article, and the Chinese measure word."""

    words: Words
    classifier: str = "个"
    holdable: bool = True


PROPS: dict[str, Prop] = {
    "parcel": Prop(Words(("a parcel", "a package"), ("包裹", "快递"))),
    "truck": Prop(Words(("a delivery truck", "a truck"), ("货车", "快递车")), "辆", holdable=False),
    "phone": Prop(Words(("a phone", "a smartphone"), ("手机",)), "部"),
    "heart": Prop(Words(("a heart",), ("爱心", "红心")), "颗"),
    "coupon": Prop(Words(("a coupon", "a voucher"), ("优惠券",)), "张"),
    "flower": Prop(Words(("a flower",), ("花", "花朵")), "朵"),
    "clock": Prop(Words(("a clock", "an alarm clock"), ("闹钟", "时钟"))),
    "invoice": Prop(Words(("an invoice", "a bill"), ("发票", "账单")), "张"),
    "money": Prop(Words(("money", "cash"), ("钱", "钞票")), "些"),
    "coin": Prop(Words(("a gold coin", "a coin"), ("金币", "硬币")), "枚"),
    "tea": Prop(Words(("a cup of tea", "a hot drink"), ("热茶", "茶")), "杯"),
    "gift": Prop(Words(("a gift", "a present"), ("礼物", "礼盒")), "份"),
    "balloon": Prop(Words(("a balloon",), ("气球",))),
    "cake": Prop(Words(("a cake",), ("蛋糕",)), "块"),
    "bag": Prop(Words(("a shopping bag",), ("购物袋",))),
    "cart": Prop(Words(("a shopping cart",), ("购物车",)), "辆", holdable=False),
    "key": Prop(Words(("a key",), ("钥匙",)), "把"),
    "magnifier": Prop(Words(("a magnifying glass", "a magnifier"), ("放大镜",))),
    "trophy": Prop(Words(("a trophy",), ("奖杯",)), "座"),
    "letter": Prop(Words(("an envelope", "a letter"), ("信封", "信")), "封"),
    "card": Prop(Words(("a credit card", "a bank card"), ("银行卡",)), "张"),
    "calendar": Prop(Words(("a calendar",), ("日历",)), "本"),
    "bulb": Prop(Words(("a light bulb",), ("灯泡",))),
    "wrench": Prop(Words(("a wrench", "a spanner"), ("扳手",)), "把"),
    "headset": Prop(Words(("a headset",), ("耳机",)), "副", holdable=False),
    "question": Prop(Words(("a question mark",), ("问号",))),
    "shield": Prop(Words(("a shield",), ("盾牌",)), "面"),
    "star": Prop(Words(("a star",), ("星星",)), "颗"),
}

SCENES: dict[str, Words] = {
    "sky": Words(("under a blue sky",), ("蓝天下",)),
    "rain": Words(("in the rain",), ("雨中", "下雨天")),
    "snow": Words(("in the snow",), ("雪地里", "下雪天")),
    "night": Words(("at night", "under the moon"), ("夜晚", "月光下")),
    "beach": Words(("on a beach", "at the seaside"), ("沙滩上", "海边")),
    "meadow": Words(("in a meadow", "on the grass"), ("草地上",)),
    "office": Words(("in an office", "at the office"), ("办公室里",)),
    "city": Words(("in a city", "in the city"), ("城市里",)),
    "warehouse": Words(("in a warehouse",), ("仓库里",)),
    "party": Words(("at a party", "with confetti"), ("派对上",)),
    "rainbow": Words(("under a rainbow",), ("彩虹下",)),
}

BACKDROPS = ("none", "disc", "blob", "rays")
