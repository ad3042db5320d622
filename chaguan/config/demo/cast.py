"""The people of the demo, invented from a seed: names, cities, tastes, and how much each of them talks."""

from dataclasses import dataclass
from random import Random
from typing import Literal

Habit = Literal["core", "regular", "casual", "quiet", "ad"]
WEIGHT: dict[Habit, float] = {"core": 22, "regular": 6, "casual": 1.2, "quiet": 0.04, "ad": 0}

_NICKNAMES = """
阿青 老周 小满 半夏 南山 清欢 豆包 一苇 墨白 阿九 采薇 松间 鹿鸣 白露 陶陶 阿岚 老方 木木 知秋 青禾
三七 石榴 云朵 山药 小川 阿拾 竹子 枇杷 阿宽 念念 秋水 大麦 阿茉 冬至 小寒 橘子皮 老猫 扶桑 葵子 沐风
阿柚 小鱼 木槿 有间 听雨 长安 十一 瓦片 阿星 麦子 花卷 芒种 江南 晚晴 青石 月半 苔米 阿布 老徐 糯米
未央 明明 如是 可可 阿远 归鸟 芦苇 三餐 老齐 子木 抱朴 半山 阿禾 舟舟 山水 石头 苏叶 老马 茴香 落落
浅浅 阿树 海棠 牧之 桃子 小暑 阿莲 青柠 林间 老吴 谷雨 一一 阿舟 望舒 小溪 阿澄 栗子 远山 平仄 安然
"""
_CITIES = """
杭州 苏州 福州 昆明 成都 广州 潮州 武夷山 福鼎 安溪 祁门 黄山 南京 上海 北京 西安 长沙 武汉 重庆 宁波
厦门 青岛 济南 郑州 天津 大连 桂林 贵阳 无锡 绍兴
"""
_JOBS = """
会计 老师 护士 程序员 设计师 编辑 律师 司机 厨师 药师 工程师 销售 摄影师 学生 木匠 花店老板
"""
NICKNAMES, CITIES, JOBS = _NICKNAMES.split(), _CITIES.split(), _JOBS.split()
GREEN = ["龙井", "碧螺春", "毛峰", "毛尖", "猴魁", "安吉白茶", "竹叶青", "六安瓜片"]
BLACK = ["滇红", "正山小种", "祁门红茶", "金骏眉", "英德红茶", "九曲红梅"]
WHITE = ["白毫银针", "白牡丹", "寿眉", "贡眉"]
PUER = ["生普", "熟普", "老茶头", "小青柑", "散熟普"]
OOLONG = ["肉桂", "水仙", "大红袍", "铁观音", "凤凰单丛", "鸭屎香", "东方美人", "冻顶乌龙"]
TEAS = GREEN + BLACK + WHITE + PUER + OOLONG
WARE = [
    "盖碗",
    "公道杯",
    "紫砂壶",
    "飘逸杯",
    "玻璃壶",
    "汝窑杯",
    "建水陶",
    "茶则",
    "铁壶",
    "马克杯",
]


@dataclass
class Person:
    """One invented member. `handle` is their id at the channel; days count from the first of the demo."""

    handle: str
    name: str
    city: str
    tea: str
    job: str
    habit: Habit
    joins_on: int
    leaves_on: int | None = None
    is_removed: bool = False
    signs_in: float = 0.0  # chance to sign in on a day

    def is_in(self, day: int) -> bool:
        return self.joins_on <= day and (self.leaves_on is None or day < self.leaves_on)


def cast(chance: Random, *, size: int, days: int, prefix: str) -> list[Person]:
    """`size` people who stay, and those who left or were removed meanwhile; core members came first."""
    names = _names(chance)
    people = []
    leaving = size // 10
    for number in range(size + leaving):
        habit = _habit(number, size)
        joins_on = _joins_on(chance, number, days)
        person = Person(
            handle=f"{prefix}{number:03d}",
            name=next(names),
            city=chance.choice(CITIES),
            tea=chance.choice(TEAS),
            job=chance.choice(JOBS),
            habit=habit,
            joins_on=joins_on,
            signs_in=_signs_in(chance, habit),
        )
        if number >= size:
            person.joins_on = min(joins_on, days - 8)
            person.leaves_on = chance.randint(person.joins_on + 2, days - 2)
            person.is_removed = number % 6 == 0
            person.habit = "ad" if person.is_removed else "casual"
            person.signs_in = 0.0
        people.append(person)
    return people


def _names(chance: Random) -> "_Names":
    return _Names(chance)


class _Names:
    """Names that do not repeat: first bare nicknames, then with a city or a tea in front."""

    def __init__(self, chance: Random) -> None:
        bare = list(NICKNAMES)
        chance.shuffle(bare)
        mixed = [f"{city}{nick}" for city in CITIES[:16] for nick in NICKNAMES]
        mixed += [f"爱喝{tea}的{nick}" for tea in GREEN[:4] for nick in NICKNAMES[:40]]
        chance.shuffle(mixed)
        self._left = iter(bare + mixed)

    def __iter__(self) -> "_Names":
        return self

    def __next__(self) -> str:
        return next(self._left)


def _habit(number: int, size: int) -> Habit:
    share = number / size
    if share < 0.03:
        return "core"
    if share < 0.18:
        return "regular"
    if share < 0.58:
        return "casual"
    return "quiet"


def _joins_on(chance: Random, number: int, days: int) -> int:
    """Half were there in the first week; later two waves, after the tasting and after the book talk."""
    if number < 12 or chance.random() < 0.5:
        return chance.randint(0, 6)
    wave = chance.random()
    if wave < 0.25:
        return min(days - 1, max(0, round(chance.gauss(days * 0.35, 2))))
    if wave < 0.45:
        return min(days - 1, max(0, round(chance.gauss(days * 0.7, 2))))
    return chance.randint(7, days - 1)


def _signs_in(chance: Random, habit: Habit) -> float:
    often = {"core": 0.93, "regular": 0.6, "casual": 0.14, "quiet": 0.015, "ad": 0.0}[habit]
    return min(0.99, often * chance.uniform(0.7, 1.1))
