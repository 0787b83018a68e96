"""The people of the demo: who they are, how they shop, and how long they stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "晓梅", "子涵", "雨桐", "浩然", "欣怡", "俊杰", "思远", "嘉怡", "梓轩", "诗琪",
    "宇航", "梦瑶", "志强", "丽华", "建国", "佳宁", "文博", "雅婷", "天佑", "若曦",
    "明哲", "静怡", "泽宇", "婉清", "国栋", "秀英", "一诺", "可欣", "振华", "慧敏",
    "乐天", "书瑶", "海燕", "晨曦", "立新", "玉兰", "子墨", "芷若", "凯旋", "小满",
)  # fmt: skip
STAR = "M-0001"
YOUNGEST, OLDEST = 19, 66


@dataclass(frozen=True, slots=True)
class Habit:
    """A way of shopping: how common it is, days between orders, items in a basket, and how many stay."""

    name: str
    share: int
    days_between: float
    items_most: int
    stays: float


HABITS = (
    Habit("devoted", 12, 17, 4, 0.95),
    Habit("regular", 33, 42, 3, 0.80),
    Habit("occasional", 35, 105, 3, 0.65),
    Habit("once", 20, 10_000, 2, 0.0),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One future member. `card` is the shop's own number; the phone is from a range nobody has."""

    card: str
    name: str
    phone: str
    birthday: date
    habit: Habit
    registers: bool  # Or becomes a member by the first purchase.
    joins_after: timedelta
    leaves_after: timedelta | None
    channel: str
    locale: str


def people(count: int, chance: Random, today: date, span: timedelta, channels: Mapping[str, int]) -> list[Person]:
    """So many people; the first is the one the demo tells about."""
    return [star(today), *(person(number, chance, today, span, channels) for number in range(2, count + 1))]


def star(today: date) -> Person:
    """Lin Xiaomei: devoted, here from the first day, and it is her birthday month."""
    birthday = date(1991, today.month, 18)
    return Person(
        "M-0001", "林晓梅", "19900000001", birthday, HABITS[0], True, timedelta(0), None, "mini-program", "zh-CN"
    )


def person(number: int, chance: Random, today: date, span: timedelta, channels: Mapping[str, int]) -> Person:
    """Somebody."""
    (habit,) = chance.choices(HABITS, weights=[habit.share for habit in HABITS])
    joins = span * (chance.random() ** 1.3) * 0.97
    leaves = None if chance.random() < habit.stays else joins + (span - joins) * chance.uniform(0.1, 0.9)
    born = today - timedelta(days=chance.randint(YOUNGEST * 365, OLDEST * 365))
    return Person(
        card=f"M-{number:04}",
        name=chance.choice(SURNAMES) + chance.choice(GIVEN),
        phone=f"1990000{number:04}",
        birthday=born,
        habit=habit,
        registers=chance.random() < 0.55,
        joins_after=joins,
        leaves_after=leaves,
        channel=chance.choices(list(channels), weights=list(channels.values()))[0],
        locale="en" if chance.random() < 0.04 else "zh-CN",
    )
