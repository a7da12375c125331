"""The reward `reasoning_steps`: different steps, told in any script."""

import time

import pytest
from rewardkit_format import reasoning_steps

import rewardkit as rk
from rewardkit.errors import OptionError


def steps(text, **options):
    return reasoning_steps(rk.Completion(text), **options).evidence["steps"]


@pytest.mark.parametrize(
    "text",
    [
        "Step 1: add the two.\nStep 2: take one away.\nStep 3: compare the results.",
        "step 1. add the two; STEP 2 - take one away. Step 3: compare the results.".replace(
            "; ", "\n"
        ),
        "**Step 1: Add**\nThe two numbers.\n\n## Step 2: Take\nOne away.\n\n> Step 3: Compare all",
        "1. add the two\n2. take one away\n3. compare the results",
        "1) add the two\n (2) take one away\n**3.** compare the results",
        "- add the two\n* take one away\n• compare the results",
        "First, add the two. Second, take one away. Finally, compare the results.",
        "First add the two.\nThen take one away.\nNext, compare the results.",
        "Paso 1: suma los dos.\nPaso 2: resta uno.\nPor último, compara los resultados.",
        "D'abord, on ajoute un. Ensuite, on retire deux. Enfin, on compare tout.",
        "Zuerst addieren wir beide. Dann ziehen wir ab. Schließlich vergleichen wir alles.",
        "Шаг 1: сложим оба числа.\nЗатем вычтем единицу.\nНаконец, сравним оба результата.",
        "首先，我们把两个数相加。然后，减去其中一个数。最后，比较两个结果。",
        "第一步：我们把两个数相加\n第二步：减去其中一个数\n第3步：比较两个结果",
        "步骤1：我们把两个数相加\n步骤二：减去其中一个数\n步驟3：比較兩個結果",
        "一、我们把两个数相加\n二、减去其中一个数\n（三）比较两个结果",
        "まず、二つの数を足します。次に、一を引きます。最後に、結果を比べます。",
        "ステップ1：二つの数を足します\nステップ2：一を引きます\n手順3：結果を比べます",
        "먼저 두 수를 더한다. 다음으로 하나를 뺀다. 마지막으로 결과를 비교한다.",
        "1단계: 두 수를 더한다\n2단계: 하나를 뺀다\n단계 3: 결과를 비교한다",
        "ขั้นตอนที่ 1 นำจำนวนทั้งสองมาบวกกัน\nจากนั้นลบออกด้วยหนึ่งหน่วย\nสุดท้ายเปรียบเทียบผลลัพธ์ทั้งหมด",
        "أولاً، نجمع العددين معا. ثم نطرح واحدا منهما. وأخيرا، نقارن بين النتيجتين.",
        "सबसे पहले दोनों संख्याएँ जोड़ें। फिर एक घटाएँ अब। अंत में परिणाम देखें।",
        "१. दोनों संख्याएँ जोड़ें\n२. एक घटाएँ अब\n३. परिणाम देखें अब",
        "Bước 1: cộng hai số.\nTiếp theo, trừ đi một.\nCuối cùng, so sánh kết quả.",
        "① add the two\n② take one away\n③ compare the results",
        "Step 1: First step\nStep 2: Second step\nStep 3: Third step",
        "Step one: add the two.\nStep two: take one away.\nFinal step: compare the results.",
        "Krok pierwszy: dodaj liczby.\nKrok drugi: odejmij dwa.\nKrok trzeci: wynik końcowy.",
        "Erster Schritt: beide addieren.\nZweiter Schritt: eins abziehen.\nAls Letztes: alles da.",
        "الخطوة الأولى: نجمع العددين\nالخطوة الثانية: نطرح واحدا\nالخطوة الثالثة: نقارن النتيجتين",
        "En primer lugar, suma los dos. En segundo lugar, resta uno. Por último, compara todo.",
        "첫 번째, 두 수를 더한다. 두 번째, 하나를 뺀다. 세 번째로 결과를 비교한다.",
        "제1단계: 두 수를 더한다\n제2단계: 하나를 뺀다\n제3단계: 결과를 비교한다",
        "第一步，把两个数相加。第二步，除以二。第3步，检查结果。",
        "1.把两个数相加\n2.减去其中一个数\n3)比较两个结果",
        "\\item add the two\n\\item take one away\n\\item compare the results",
    ],
    ids=lambda text: text[:12],
)
def test_three_steps_are_three_in_every_script(text):
    assert steps(text) == 3
    assert reasoning_steps(rk.Completion(text)).value == 1.0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("No steps at all, only prose with 1. numbers and 2) such.", 0),
        ("First-order logic. Secondary things. The first, then the next. Firstborn sons.", 0),
        ("The value is 3.\n14 is not a step. 2.5 is none\n3.7 neither", 0),
        # All but the numbered one, open-r1 pays in full.
        ("Step 1: Step 2: Step 3:", 0),
        ("First,Second,Next,Finally,", 0),
        ("1.\n2.\n3.\n4.", 0),
        ("1. 1. 1. 1.", 0),
        ("Step 1: Only step", 1),
        ("Step 1: step step. Step 2: next, then", 0),
        ("- so so so\n- no no", 0),
        ("1. 加\n2. 减法", 0),
        ("\n-\n-\n-", 0),
        ("- ok\n- ok\n- ok", 0),
        ("\n- add the two\n- add the two\n- add the two", 1),
        # Repeated steps, with other numbers, case, signs, or characters that no font shows.
        ("Step 1: add the two.\nStep 2: add the two.\nStep 3: Add the TWO!", 1),
        ("- add them\n- add\u200b them\n- a\u00addd them", 1),
        ("1. add the two\n1. take one away", 2),
        ("```\n1. a comment here\n2. another comment here\n```\n3. add the two", 1),
        ("<think>\n1. add the two\n</think>\n1. in the answer\n2. no thinking there", 1),
    ],
)
def test_only_different_steps_with_content_count(text, count):
    assert steps(text) == count


def test_the_score_is_the_share_of_the_steps_asked_for():
    text = rk.Completion("1. add the two\n2. take one away")
    assert reasoning_steps(text).value == pytest.approx(2 / 3)
    assert reasoning_steps(text, steps=2).value == 1.0
    assert reasoning_steps(text, steps=8).value == 0.25
    assert reasoning_steps(text, steps=1).value == 1.0


def test_it_abstains_where_there_is_nothing_to_look_at():
    assert reasoning_steps(rk.Completion("<think>\u200b</think>1. add the two")).value is None
    assert reasoning_steps(rk.Completion("")).value is None


def test_no_steps_cannot_be_asked_for():
    with pytest.raises(OptionError, match="more than 0"):
        reasoning_steps.using(steps=0)


@pytest.mark.parametrize(
    "text",
    [
        "- " * 100_000,
        "-\n" * 100_000,
        " " * 200_000 + "x",
        "\n \t" * 70_000,
        ". " * 100_000,
        ".    " * 40_000,
        "第一" * 100_000,
        "*" * 200_000,
        "(((1" * 50_000,
        "step " * 40_000,
        "step abcdefghijklmno\n" * 10_000,
        ". abcdefghijklmno step" * 9_000,
        "1" * 200_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_hostile_text_is_read_in_linear_time(text):
    start = time.process_time()
    assert reasoning_steps(rk.Completion(text)).value in (0.0, None, 1 / 3)
    assert time.process_time() - start < 1.0  # measured: under 0.15
