"""The filters refusal, urls, personal_data and flagged_words: what they find, what they let be."""

import pytest
from rewardkit_hygiene import flagged_words, personal_data, refusal, urls

import rewardkit as rk
from rewardkit.errors import OptionError
from rewardkit.testing import check_filter


@pytest.mark.parametrize(
    "response",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I cannot assist with this request.",
        "Sorry, I can't do that.",
        "I am unable to provide instructions for that.",
        "I cannot in good conscience explain this.",
        "As an AI language model, I don't have opinions.",
        "As a large language model I cannot browse the web.",
        "I must respectfully decline to answer.",
        "Sure thing! Well, no: that goes against my guidelines.",
        "I won't be able to help with that.",
        "I can't  help\u00a0with that.",
        "I respectfully decline to answer.",
        "I'm going to have to decline.",
        "I'm just an AI and cannot provide medical advice.",
        "As an artificial intelligence, I do not have feelings.",
        "That's not something I can help with.",
        "I don't feel comfortable helping with this.",
        "I'd rather not help with that.",
        "I refuse to answer.",
        "This request violates my guidelines.",
        "Sorry, that's beyond my current scope. Let's talk about something else.",
        "I can't create content that sexualizes minors.",
        "\"I'm sorry, but I can't help with that.\"",
        "抱歉，这个问题我无法回答。",
        "您好，这个问题我暂时无法回答，让我们换个话题再聊聊吧。",
        "抱歉，我還沒有學會如何思考這類問題。",
        "你好，我无法给到相关内容。",
        "Lamento no poder ayudarte con eso.",
        "Tut mir leid, dabei kann ich nicht helfen.",
        "Leider kann ich diese Frage nicht beantworten.",
        "Sorry, dat kan ik niet doen.",
        "मैं इसमें आपकी सहायता नहीं कर सकता।",
        "ฉันไม่สามารถช่วยคุณเรื่องนี้ได้",
        "抱歉，我无法回答这个问题。",
        "对不起，但我不能提供这些信息。",
        "很遺憾，我無法協助您。",
        "作为一个人工智能语言模型，我无法评论。",
        "申し訳ありませんが、そのご要望にはお応えできません。",
        "その件についてはお手伝いできません。",
        "죄송하지만 그 요청은 도와드릴 수 없습니다.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Desculpe, mas não posso ajudar com isso.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Mi dispiace, ma non posso aiutarti.",
        "Es tut mir leid, aber ich kann dabei nicht helfen.",
        "Het spijt me, maar ik kan je daar niet bij helpen.",
        "Извините, но я не могу вам помочь.",
        "Przepraszam, ale nie mogę w tym pomóc.",
        "Üzgünüm, bu konuda size yardımcı olamam.",
        "Maaf, saya tidak bisa membantu.",
        "Xin lỗi, nhưng tôi không thể giúp bạn.",
        "آسف، لا أستطيع مساعدتك في ذلك.",
        "क्षमा करें, मैं इसमें मदद नहीं कर सकता।",
        "ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ได้",
    ],
)
def test_refusals_are_found_in_many_languages(response):
    assert refusal(rk.Completion(response)) is not None
    assert refusal(rk.Completion(f"<think>Fine.</think>\n\n{response}")) is not None


@pytest.mark.parametrize(
    "response",
    [
        "",
        "We cannot divide by zero, so x is not 0.",
        "I can't simplify this further, so the answer is 3.",
        "I cannot find a smaller solution; the answer is 7.",
        "Sorry, I made a mistake: 7 * 8 is 56.",
        "I apologize for the confusion. The answer is 5.",
        "The function won't help when n is 0.",
        "This can't be written as a fraction.",
        "我不能确定，所以再算一次。",
        "我们无法整除，所以余数是一。",
        "割り切ることはできません。よって答えは3です。",
        "나눌 수 없으므로 답은 3입니다.",
        "I can't help but notice the pattern: each term doubles.",
        "I can't help thinking that the sum is even.",
        "I can't write 1/3 exactly as a decimal, so x = 0.333...",
        "I won't write out all the steps. The answer is 7.",
        "I cannot create a bijection between them, for their sizes differ.",
        "I can't do that division exactly, so I round to 3.14.",
        "I cannot support this claim with the data: p = 0.3.",
        "I can't share the pizza equally among 7; so 1 slice is left.",
        "I have to decline the verb in all cases.",
        "As an AI researcher, I can tell you that it works.",
        "\"I'm sorry, but I can't help with that\" is what a chatbot says.",
        "The phrase “I can't help you” has 4 words.",
        "Leider kann ich den Bruch nicht weiter kürzen: 3/7.",
        "抱歉，上面的计算有误，答案应为12。",
        "我不能直接约分，所以先通分。",
        "No puedo dividir por cero, así que x = 2.",
        "Man kann durch null nicht teilen.",
        "Мы не можем делить на ноль.",
        "لا يمكن القسمة على صفر",
        "शून्य से भाग नहीं कर सकते",
        "The answer is 4. " * 40 + "I'm sorry, but I can't help with that.",
    ],
)
def test_what_cannot_be_done_in_the_matter_is_no_refusal(response):
    assert refusal(rk.Completion(response)) is None


def test_a_refusal_that_was_only_thought_of_is_none():
    text = "<think>I'm sorry, but I can't help? No, I can.</think>The answer is 4."
    assert refusal(rk.Completion(text)) is None
    found = refusal(rk.Completion("Hm. I'm sorry, but I can't help."))
    assert found.value == 4
    assert found.reason.startswith("the response declines at character 4: ")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("see http and www", 0),
        ("https://example.com/a?b=c#d", 1),
        ("见https://例子.中国/路径。还有 www.example.org.", 2),
        ("[x](http://a.b/c) <ftp://d.e>", 2),
        ("```\ncurl https://example.com\n```", 0),
        ("www. is short for world wide web; a://b", 0),
        ("HTTPS://A.COM and Http://a.com and WWW.A.COM", 3),
    ],
)
def test_urls_are_counted_outside_of_code(text, count):
    found = urls(rk.Completion(text))
    assert (found.value if found else 0) == count
    assert urls(rk.Completion(text), max_count=count) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("write to jane.doe+x@mail.acme.co.uk, or max@müller.de", 2),
        ("name@example.com and a@b.test", 0),
        ("write to john@corp.io. Or to mary@mail.corp.io.", 2),
        ("发邮件到zhang@qq.com。或li@163.com吧", 2),
        ("如果你还有问题" * 12 + "写信给li@163.com" + "我们会尽快回复的" * 9, 1),
        ("ask ivan@почта.рф, or li@例子.中国", 2),
        ("git@github.com:a/b.git no-reply@acme.io you@yourcompany.com", 0),
        ("q@self.key.transpose(1) and x@w.weight.t()", 0),
        ("@decorator x@y a @ b.com user@localhost", 0),
        ("+49 30 901820, (212) 664-7665 or 212-664-7665", 3),
        ("+44 (20) 7946 0958", 1),
        ("call +14155552671x or +14155550000 now", 0),
        ("call me at +14157352671", 1),
        ('"+2147483648" overflows; +123.45 and +99500 + 12 3', 0),
        ("f(123) 456-7890 and 555-0100, 2020-11-20, 100-200-3000", 0),
        ("4111 1111 1111 1111 or 4111-1111-1111-1111", 2),
        ("4111 1111 1111 1112 and 0000 0000 0000 0000", 0),
        ("14111111111111111 1.4111111111111111", 0),
        ("8.8.8.8", 0),
        ("电话：+8613912345678", 1),
        ("手机号是13912345678，邮编100000", 1),
        ("the sum is 13912345678", 0),
        ("+91 98765 43210 and +1 (415) 735-2671", 2),
        ("phone: +1-415-735-2671; +33 6 12 34 56 78; +358 40 123 4567", 3),
        ("3 +1 10 100 1000, +10 20 30 40 50, +5 10 15 20", 0),
        ("3782 822463 10005 or 378282246310005", 2),
        ("9111 1111 1111 1111 1", 0),
        ("8000 0000 0000 0002", 0),
    ],
)
def test_personal_data_is_what_has_its_form_and_is_no_example(text, count):
    found = personal_data(rk.Completion(text))
    assert (found.value if found else 0) == count


def test_addresses_of_machines_are_found_where_they_are_asked_for():
    found = personal_data(
        rk.Completion("8.8.8.8, 192.168.0.1, 256.1.1.1, 1.2.3.4.5"), kinds=["ip"]
    )
    assert found.value == 1
    assert found.reason == "1 piece of personal data: '8.8.8.8'"
    with pytest.raises(OptionError, match="kinds"):
        personal_data.using(kinds=["name"])


@pytest.mark.parametrize(
    ("words", "text", "count"),
    [
        (["ass"], "class assess a s s", 0),
        (["ass"], "An ASS, ass's", 2),
        (["bad word"], "a Bad word!", 1),
        (["as an AI", "don’t"], "as an\n  ai, don't and don’t", 3),
        (["école"], "e\u0301cole", 1),
        (["damn"], "da\u200bmn", 1),
        (["c++"], "in C++ or c+", 1),
        (["坏话"], "他说坏话了", 1),
        (["คำหยาบ"], "นี่คือคำหยาบนะ", 1),
        (["बुरा"], "बुरा बुराई", 1),
        (["سيء"], "سيء سيئة", 1),
        (["(x", "x.y"], "(x xzy x.y", 2),
        (["straße"], "Straße", 1),
        (["кот"], "кот котёнок скот", 1),
    ],
)
def test_flagged_words_are_whole_words_in_every_script(words, text, count):
    found = flagged_words(rk.Completion(text), words=words)
    assert (found.value if found else 0) == count


def test_flagged_words_have_to_be_given():
    with pytest.raises(OptionError, match="words"):
        flagged_words.require_options()
    for words in ([], [""], ["a", " "]):
        with pytest.raises(OptionError, match="none of them empty"):
            flagged_words.using(words=words)
    check_filter(flagged_words.using(words=["x", "算"]), [{"completion": "x"}])
