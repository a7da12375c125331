"""Write rollouts.jsonl: completions in DeepSeek-R1's form whose outcome is known by construction.

Problems of arithmetic and algebra, in English and in Chinese, each with several completions: right
ones in several notations, wrong ones, and those that a reward or a filter is there to find. The
column `expected` states what `math`, `format` and the filters make of each row.

    python examples/make_rollouts.py            # write the file
    python examples/make_rollouts.py --check    # exit with 1 when the file is out of date
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("rollouts.jsonl")
SEED = 20250120
PROMPTS_A_LANGUAGE = 24
COMPLETIONS_A_PROMPT = (8, 6, 7, 8, 5, 7, 4, 8)
WITHOUT_REFERENCE = {"en-09", "zh-15"}
AS_MESSAGES = {"en-17"}


# -- problems: how each is asked and thought through, rightly or with a slip


@dataclass(frozen=True)
class Problem:
    """A question with its answer, a way to it, and a way that goes wrong."""

    language: str
    prompt: str
    answer: Fraction
    thinking: list[str]
    slip: Fraction
    slipped_thinking: list[str]
    code: str


def shopping(rng: random.Random, zh: bool) -> Problem:
    pens, pen, books, book = (rng.randint(*r) for r in ((6, 30), (2, 9), (4, 40), (11, 60)))
    total, slip = pens * pen + books * book, pens * pen + book

    def think(second: str, result: int) -> list[str]:
        if zh:
            return [
                f"铅笔每支 {pen} 元，买 {pens} 支；笔记本每本 {book} 元，买 {books} 本。求总价。",
                f"铅笔的钱是 {pens} × {pen} = {pens * pen} 元。{second}",
                f"把两部分加起来，{pens * pen} + {result - pens * pen} = {result}，这就是总价。",
            ]
        return [
            f"She buys {pens} pens at {pen} dollars and {books} notebooks at {book} dollars.",
            f"The pens come to {pens} * {pen} = {pens * pen} dollars. {second}",
            f"Together that is {pens * pen} + {result - pens * pen} = {result}, the whole bill.",
        ]

    if zh:
        prompt = (
            f"文具店里铅笔每支 {pen} 元，笔记本每本 {book} 元。小明买了 {pens} 支铅笔和 {books} 本"
            "笔记本，一共要付多少元？"
        )
        second = f"笔记本的钱是 {books} × {book} = {books * book} 元。"
        forgotten = f"笔记本的钱是 {book} 元。"
    else:
        prompt = (
            f"A shop sells pens at {pen} dollars each and notebooks at {book} dollars each. Mia "
            f"buys {pens} pens and {books} notebooks. How many dollars does she pay in total?"
        )
        second = f"The notebooks come to {books} * {book} = {books * book} dollars."
        forgotten = f"The notebooks come to {book} dollars."
    code = f"print({pens} * {pen} + {books} * {book})"
    return _problem(zh, prompt, total, think(second, total), slip, think(forgotten, slip), code)


def fractions(rng: random.Random, zh: bool) -> Problem:
    b, d = rng.sample((2, 3, 4, 5, 6, 8, 10), 2)
    a, c = rng.randint(1, b - 1), rng.randint(1, d - 1)
    total, slip = Fraction(a, b) + Fraction(c, d), Fraction(a + c, b + d)
    if zh:
        opening = f"要算 {a}/{b} 加上 {c}/{d}。两个分数的分母不一样，不能直接相加。"
        right = (
            f"先通分，公分母取 {b * d}。第一个分数变成 {a * d}/{b * d}，第二个分数变成 "
            f"{c * b}/{b * d}，分子相加得到 {a * d + c * b}/{b * d}。"
        )
        wrong = f"把分子和分子相加，分母和分母相加，得到 {a + c}/{b + d}。"
        ending = "约分之后就是 {}，这就是最后的结果。"
        prompt = f"计算 {a}/{b} + {c}/{d}，结果用最简分数或小数表示。"
    else:
        opening = (
            f"I need to add {a}/{b} and {c}/{d}. The denominators differ, so the two fractions "
            "can't be added as they stand."
        )
        right = (
            f"With {b * d} as a common denominator, the first one becomes {a * d}/{b * d} and the "
            f"second one becomes {c * b}/{b * d}. Their sum is {a * d + c * b}/{b * d}."
        )
        wrong = f"Adding the numerators and adding the denominators gives {a + c}/{b + d}."
        ending = "In lowest terms this is {}, which is the result."
        prompt = f"Compute {a}/{b} + {c}/{d}. Give the result in lowest terms or as a decimal."
    code = f"from fractions import Fraction\n\nprint(Fraction({a}, {b}) + Fraction({c}, {d}))"
    return _problem(
        zh, prompt,
        total, [opening, right, ending.format(total)],
        slip, [opening, wrong, ending.format(slip)], code,
    )  # fmt: skip


def equation(rng: random.Random, zh: bool) -> Problem:
    a, b, c = rng.choice((2, 4, 5, 8)), rng.randint(3, 20), rng.randint(25, 90)
    x, slip = Fraction(c - b, a), Fraction(c + b, a)
    if zh:
        opening = f"方程是 {a}x + {b} = {c}，需要把 x 单独留在等号的一边。"
        right = f"两边同时减去 {b}，得到 {a}x = {c - b}。"
        wrong = f"把 {b} 移到右边，得到 {a}x = {c + b}。"
        ending = "再把两边同时除以 {}，得到 x = {}。这样方程就解完了。"
        prompt = f"解方程 {a}x + {b} = {c}，求 x 的值。"
    else:
        opening = f"The equation is {a}x + {b} = {c}, and I want x alone on one side of it."
        right = f"Subtracting {b} from both sides leaves {a}x = {c - b}."
        wrong = f"Moving {b} over to the right side leaves {a}x = {c + b}."
        ending = "Then I divide both sides by {}, which gives x = {}. That settles the equation."
        prompt = f"Solve {a}x + {b} = {c} for x. What is the value of x?"
    code = f"x = ({c} - {b}) / {a}\nprint(x)"
    return _problem(
        zh, prompt,
        x, [opening, right, ending.format(a, x)],
        slip, [opening, wrong, ending.format(a, slip)], code,
    )  # fmt: skip


def series(rng: random.Random, zh: bool) -> Problem:
    n = rng.randint(45, 120)
    total, slip = n * (n + 1) // 2, n * (n - 1) // 2
    if zh:
        opening = f"这是一个等差数列求和的问题，首项是 1，末项是 {n}，公差是 1，一共有 {n} 项。"
        right = f"求和公式是项数乘以首项与末项的和再除以 2，也就是 {n} × {n + 1} ÷ 2。"
        wrong = f"求和公式是项数乘以项数减一再除以 2，也就是 {n} × {n - 1} ÷ 2。"
        ending = "算出来是 {}，所以这个和等于 {}。"
        prompt = f"求 1 到 {n} 所有整数的和。"
    else:
        opening = (
            f"The integers from 1 to {n} form an arithmetic sequence with {n} terms, so I can "
            "pair the first with the last, the second with the one before it, and so on."
        )
        right = f"Each pair adds up to {n + 1}, so the sum is {n} * {n + 1} / 2."
        wrong = f"Each pair adds up to {n - 1}, so the sum is {n} * {n - 1} / 2."
        ending = "Working that out gives {}, and therefore the integers add up to {}."
        prompt = f"What is the sum of all the integers from 1 to {n}?"
    return _problem(
        zh, prompt,
        total, [opening, right, ending.format(total, total)],
        slip, [opening, wrong, ending.format(slip, slip)],
        f"print(sum(range(1, {n} + 1)))",
    )  # fmt: skip


def rectangle(rng: random.Random, zh: bool) -> Problem:
    width, longer = rng.randint(12, 45), rng.randint(3, 25)
    length = width + longer
    around, area = 2 * (width + length), width * length
    slip = (around - longer) * around
    if zh:
        opening = f"设宽为 w 米，那么长就是 w + {longer} 米，周长等于长与宽的和的两倍。"
        right = (
            f"由周长得到 2(2w + {longer}) = {around}，所以 2w + {longer} = {around // 2}，"
            f"解出 w = {width}，长是 {length}。"
        )
        wrong = f"周长是 {around}，于是长是 {around}，宽是 {around - longer}。"
        ending = "面积等于长乘以宽，算出来是 {} 平方米。"
        prompt = f"一个长方形的周长是 {around} 米，长比宽多 {longer} 米。它的面积是多少平方米？"
    else:
        opening = (
            f"Let the width be w meters, so that the length is w + {longer} meters. The perimeter "
            "is twice the sum of the two."
        )
        right = (
            f"From 2(2w + {longer}) = {around} I get 2w + {longer} = {around // 2}, hence "
            f"w = {width}, and the length is {length}."
        )
        wrong = f"The perimeter is {around}, so the sides are {around} and {around - longer}."
        ending = "The area is the length times the width, which comes to {} square meters."
        prompt = (
            f"A rectangle has a perimeter of {around} meters, and its length exceeds its width by "
            f"{longer} meters. What is its area in square meters?"
        )
    return _problem(
        zh, prompt,
        area, [opening, right, ending.format(area)],
        slip, [opening, wrong, ending.format(slip)],
        f"width = ({around} // 2 - {longer}) // 2\nprint(width * (width + {longer}))",
    )  # fmt: skip


def heads_and_legs(rng: random.Random, zh: bool) -> Problem:
    rabbits = rng.randint(7, 40)
    chickens = rabbits + rng.choice((-5, -3, 2, 4, 9))
    heads, legs = rabbits + chickens, 4 * rabbits + 2 * chickens
    if zh:
        opening = f"共有 {heads} 个头，{legs} 条腿。假设全部都是鸡，应该有 {2 * heads} 条腿。"
        right = (
            f"实际多出 {legs} - {2 * heads} = {legs - 2 * heads} 条腿，"
            f"每把一只鸡换成兔子就多 2 条腿，所以兔子有 {legs - 2 * heads} ÷ 2 = {rabbits} 只。"
        )
        wrong = f"实际的腿数对应的鸡有 ({4 * heads} - {legs}) ÷ 2 = {chickens} 只。"
        ending = "因此题目要求的数目是 {}。"
        prompt = f"笼子里有鸡和兔子，共有 {heads} 个头和 {legs} 条腿。兔子有多少只？"
    else:
        opening = (
            f"There are {heads} heads and {legs} legs. If all of the animals were chickens, there "
            f"would be {2 * heads} legs."
        )
        right = (
            f"In fact there are {legs} - {2 * heads} = {legs - 2 * heads} more, and each rabbit "
            "in place of a chicken adds two, so the rabbits number "
            f"{legs - 2 * heads} / 2 = {rabbits}."
        )
        wrong = (
            f"Going by the legs, there must be ({4 * heads} - {legs}) / 2 = {chickens} of them."
        )
        ending = "So the number that the question asks for is {}."
        prompt = (
            f"A cage holds chickens and rabbits, with {heads} heads and {legs} legs between them. "
            "How many rabbits are there?"
        )
    return _problem(
        zh, prompt,
        rabbits, [opening, right, ending.format(rabbits)],
        chickens, [opening, wrong, ending.format(chickens)],
        f"heads, legs = {heads}, {legs}\nprint((legs - 2 * heads) // 2)",
    )  # fmt: skip


FAMILIES = (shopping, fractions, equation, series, rectangle, heads_and_legs)


def _problem(
    zh: bool,
    prompt: str,
    answer: Fraction | int,
    thinking: list[str],
    slip: Fraction | int,
    slipped_thinking: list[str],
    code: str,
) -> Problem:
    assert answer != slip
    language = "zh" if zh else "en"
    return Problem(
        language, prompt, Fraction(answer), thinking, Fraction(slip), slipped_thinking, code
    )


def notations(value: Fraction) -> list[str]:
    r"""Ways to write a number: 1/2, \frac{1}{2}, 0.5; 1234, 1,234."""
    if value.denominator == 1:
        plain = str(value.numerator)
        grouped = f"{value.numerator:,}"
        return [plain, f"${plain}$", *([grouped, f"{plain}.00"] if grouped != plain else [])]
    top, bottom = value.numerator, value.denominator
    written = [
        f"{top}/{bottom}",
        rf"\frac{{{top}}}{{{bottom}}}",
        rf"$\dfrac{{{top}}}{{{bottom}}}$",
    ]
    decimal = str(float(value))
    return [*written, decimal] if Fraction(decimal) == value else written


# -- completions: one function for each kind


def block(thinking: list[str], answer: str) -> str:
    return f"<think>\n{_text(thinking)}\n</think>\n\n<answer>{answer}</answer>"


def _text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def right(p: Problem, rng: random.Random) -> str:
    return block([*p.thinking, rng.choice(CHECKS[p.language])], notations(p.answer)[0])


def right_in_another_notation(p: Problem, rng: random.Random) -> str:
    return block(p.thinking, rng.choice(notations(p.answer)[1:]))


def right_in_a_box(p: Problem, rng: random.Random) -> str:
    return block(p.thinking, rf"\boxed{{{rng.choice(notations(p.answer)).strip('$')}}}")


def box_without_answer_tags(p: Problem, rng: random.Random) -> str:
    said = {"en": "Therefore the answer is", "zh": "因此答案是"}[p.language]
    number = rng.choice(notations(p.answer)).strip("$")
    return f"<think>\n{_text(p.thinking)}\n</think>\n\n{said} $\\boxed{{{number}}}$"


def wrong(p: Problem, rng: random.Random) -> str:
    return block(p.slipped_thinking, rng.choice(notations(p.slip)))


def text_after(p: Problem, rng: random.Random) -> str:
    more = {"en": "I hope that helps, and good luck!", "zh": "希望对你有帮助，祝你学习顺利！"}
    return f"{block(p.thinking, notations(p.answer)[0])}\n\n{more[p.language]}"


def two_think_blocks(p: Problem, rng: random.Random) -> str:
    again = block([rng.choice(CHECKS[p.language])], notations(p.answer)[0])
    return f"<think>\n{_text(p.thinking)}\n</think>\n\n{again}"


def empty_thinking(p: Problem, rng: random.Random) -> str:
    return f"<think>\n\n</think>\n\n<answer>{notations(p.answer)[0]}</answer>"


def thinking_not_opened(p: Problem, rng: random.Random) -> str:
    return block(p.thinking, notations(p.answer)[0]).removeprefix("<think>\n")


def thinking_not_closed(p: Problem, rng: random.Random) -> str:
    return block(p.thinking, notations(p.answer)[0]).replace("</think>\n\n", "")


def foreign_sentence(p: Problem, rng: random.Random) -> str:
    first, *rest = p.thinking
    return block([f"{first} {rng.choice(FOREIGN[p.language])}", *rest], notations(p.answer)[0])


def foreign_paragraph(p: Problem, rng: random.Random) -> str:
    paragraph = " ".join(rng.sample(FOREIGN[p.language], 2))
    return block([*p.thinking, paragraph], notations(p.answer)[0])


def cut_off(p: Problem, rng: random.Random) -> str:
    whole = _text(p.thinking)
    return f"<think>\n{whole[: int(len(whole) * rng.uniform(0.5, 0.8))]}"


def code_in_thinking(p: Problem, rng: random.Random) -> str:
    words = {
        "en": ("A few lines of Python should confirm it:", "That prints the same number."),
        "zh": ("写几行程序验证一下：", "程序输出的结果和上面一致。"),
    }
    before, after = words[p.language]
    fence = f"```python\n{p.code}\n```"
    return block([*p.thinking, before, fence, after], notations(p.answer)[0])


def endless_paragraph(p: Problem, rng: random.Random) -> str:
    between = "" if p.language == "zh" else " "
    doubts = rng.sample(DOUBTS[p.language], len(DOUBTS[p.language]))
    return block([between.join([*p.thinking, *doubts])], notations(p.answer)[0])


def no_answer(p: Problem, rng: random.Random) -> str:
    gave_up = {
        "en": "I am sorry, but I can't settle on a result here.",
        "zh": "抱歉，这道题我没能得出确定的结果。",
    }
    return f"<think>\n{_text(p.thinking[:2])}\n</think>\n\n{gave_up[p.language]}"


@dataclass(frozen=True)
class Kind:
    """A kind of completion, and what is expected of it."""

    make: Callable[[Problem, random.Random], str]
    accuracy: float = 1.0
    format: float = 1.0
    filters: tuple[str, ...] = ()
    finish_reason: str = "stop"


EVERY_PROMPT = (Kind(right), Kind(right_in_another_notation))
OTHERS = (
    Kind(wrong, accuracy=0.0),
    Kind(foreign_sentence, filters=("mixed_language",)),
    Kind(right_in_a_box),
    Kind(cut_off, accuracy=0.0, format=0.0, filters=("truncated",), finish_reason="length"),
    Kind(code_in_thinking, filters=("code_block",)),
    Kind(wrong, accuracy=0.0),
    Kind(text_after, format=0.0),
    Kind(box_without_answer_tags, format=0.0),
    Kind(endless_paragraph, filters=("long_paragraph",)),
    Kind(two_think_blocks, format=0.0),
    Kind(wrong, accuracy=0.0),
    Kind(empty_thinking, format=0.0, filters=("truncated",)),
    Kind(foreign_paragraph, filters=("mixed_language",)),
    Kind(thinking_not_opened, format=0.0),
    Kind(right),
    Kind(thinking_not_closed, accuracy=0.0, format=0.0, filters=("truncated",)),
    Kind(no_answer, accuracy=0.0, format=0.0),
)


# -- rows


def rows() -> Iterator[dict[str, Any]]:
    """All rows; the same ones every time."""
    rng = random.Random(SEED)
    others = cycle(OTHERS)
    sizes = cycle(COMPLETIONS_A_PROMPT)
    families = cycle(FAMILIES)
    for number in range(PROMPTS_A_LANGUAGE):
        family = next(families)
        for language in ("en", "zh"):
            problem = family(rng, language == "zh")
            prompt_id = f"{language}-{number:02d}"
            kinds = [*EVERY_PROMPT, *(next(others) for _ in range(next(sizes) - 2))]
            for kind in kinds:
                row = _row(prompt_id, problem, kind, kind.make(problem, rng))
                yield _as_messages(row) if prompt_id in AS_MESSAGES else row


def _row(prompt_id: str, problem: Problem, kind: Kind, completion: str) -> dict[str, Any]:
    # Without a reference nobody can say what is right: `math` abstains.
    known = prompt_id not in WITHOUT_REFERENCE
    return {
        "prompt": problem.prompt,
        "completion": completion,
        "answer": str(problem.answer) if known else None,
        "language": problem.language,
        "prompt_id": prompt_id,
        "finish_reason": kind.finish_reason,
        "expected": {
            "kind": kind.make.__name__,
            "accuracy": kind.accuracy if known else None,
            "format": kind.format,
            "filters": list(kind.filters),
        },
    }


def _as_messages(row: dict[str, Any]) -> dict[str, Any]:
    prompt = [{"role": "user", "content": row["prompt"]}]
    completion = [{"role": "assistant", "content": row["completion"]}]
    return {**row, "prompt": prompt, "completion": completion}


# -- sentences

CHECKS = {
    "en": [
        "Let me double check the arithmetic once more. Every step holds, so I am confident.",
        "A quick estimate lands close to this number, which is reassuring.",
        "Putting the number back into the question works out, so I will answer with it.",
    ],
    "zh": [
        "再检查一遍每一步的计算，都没有问题，可以放心作答。",
        "粗略估计一下，结果和这个数很接近，说明没有算错。",
        "把这个数代回原题，条件全部满足，所以答案是正确的。",
    ],
}

# In English thinking Chinese sentences, and the other way round.
FOREIGN = {
    "en": [
        "我们先把题目里的条件整理清楚，然后再一步一步地往下计算。",
        "等一下，这里需要特别小心，不要把前面得到的结果弄错了。",
        "换一个角度来想，这道题其实可以用更简单的办法来解决。",
    ],
    "zh": [
        "Wait, let me go over the conditions again before we carry on with the calculation.",
        "Actually, there is a simpler way to see why this result has to be correct.",
        "So far everything looks fine, but we should still verify the last step carefully.",
    ],
}

DOUBTS = {
    "en": [
        "Hold on, I want to be sure that I have read the question the way it was meant.",
        "It might be that I have skipped a step, so I will go through the reasoning again slowly.",
        "The first quantity is given directly, and I have used it exactly as it stands.",
        "The second one has to be worked out, and that is where a mistake would creep in.",
        "Looking at it again, the operation that I chose is the one that the wording asks for.",
        "If I had done it the other way round, the result would have been far too large.",
        "Suppose for a moment that the result were a little smaller; the parts would not fit.",
        "Suppose instead that it were a little larger; something would be left over.",
        "Neither of these can be the case, which leaves only the number that I have found.",
        "Another way to look at it is to start from the end and to undo the steps one by one.",
        "Undoing them brings me back to the numbers of the question, just as it should.",
        "I could also draw a small picture of the situation and count the pieces by hand.",
        "The picture tells the same story, although it takes a good deal longer to draw.",
        "It is tempting to stop here, but a careful reader would ask about the units as well.",
        "The units agree on both sides, so that there is nothing to convert and nothing to lose.",
        "There is no hidden condition either, as far as I can tell from the wording.",
        "All in all I see no reason to doubt the result, and I have looked for one long enough.",
        "One last time I compare each of the numbers with the question, and they all agree.",
        "That makes the third time that I arrive at the same number by a different route.",
    ],
    "zh": [
        "等一下，我想先确认一下自己对题意的理解是不是正确，免得后面白费功夫。",
        "也许中间漏掉了某一个步骤，所以我打算把整个推理过程再慢慢地走一遍。",
        "第一个量是题目里直接给出来的，我在计算的时候原封不动地用了它。",
        "第二个量需要自己推出来，而最容易出错的地方往往就在这里，必须多加小心。",
        "再看一遍题目的说法，我选择的运算和题目要求的运算是完全一致的。",
        "如果当时把顺序弄反了，得到的结果就会大得离谱，显然不符合常识。",
        "假设结果比现在小一点，那么各个部分拼起来就对不上题目给出的总数。",
        "反过来假设结果比现在大一点，那么最后又会多出来一部分没有着落。",
        "这两种情况都不可能发生，所以剩下的可能就只有我刚才得到的那个数。",
        "还可以换一种思路，从最后的结果出发，把每一步运算倒着做回去。",
        "倒着做回去之后，正好回到了题目里一开始给出的那些数字，没有任何偏差。",
        "当然也可以画一张简单的示意图，然后一个一个地数清楚，看看是否一致。",
        "画图得到的结论和计算得到的结论是一样的，只不过画图要花更多的时间。",
        "到这里本来可以停下来了，不过细心的人还会问一问单位是不是统一。",
        "两边的单位是一致的，既不需要换算，也不会因为换算而产生新的误差。",
        "从题目的文字来看，也没有什么隐藏的条件会影响到最后的结果。",
        "总的来说，我找不到任何理由去怀疑这个结果，而且已经找了很久了。",
        "最后再把每一个数字和题目对照一遍，它们全都对得上，没有抄错的地方。",
        "这已经是我第三次用不同的方法得到同一个数了，应该不会再有问题。",
        "既然每一种方法都指向同一个结论，那么我就可以放心地把它写下来了。",
    ],
}  # fmt: skip


def main(arguments: list[str]) -> int:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows())
    if arguments == ["--check"]:
        current = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text
        print(f"{TARGET.name} is {'up to date' if current else 'out of date: run this script'}")
        return 0 if current else 1
    if arguments:
        print(__doc__)
        return 2
    with TARGET.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    print(f"wrote {len(text.splitlines())} rows to {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
