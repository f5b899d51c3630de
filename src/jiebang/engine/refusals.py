"""Every way a command can be refused, with its sentence and the next step.

A refusal is an answer, not an error: it changes nothing. Its `code` is stable, for programs; `rule` names the rule
behind it. Texts may name `{move}`, `{field}` and the like; what is put there comes in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jiebang.engine.model import Refused, Texts

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The pattern of one refusal: what is wrong and what to do next, per language."""

    rule: str
    zh: str
    en: str
    next_zh: str
    next_en: str


REFUSALS: Mapping[str, Refusal] = {
    # The command itself
    "bad-command": Refusal(
        "C1",
        "这个请求的格式不对：{part}。",
        "This request is malformed: {part}.",
        "请回到事项页面重新填写并提交。",
        "Go back to the entry's page, fill in the form again and send it.",
    ),
    "overtaken": Refusal(
        "C2",
        "您打开页面之后，这件事项已有新的进展。",
        "Something happened to this entry after you opened the page.",
        "请重新打开事项页面，看看发生了什么，再决定。",
        "Open the entry again, see what happened, then decide.",
    ),
    "closed": Refusal(
        "C3",
        "这件事项已经办结：{state}。",
        "This entry is closed: {state}.",
        "如果问题又出现，请重新提出，并写上原来的编号。",
        "If the problem is back, raise it again and name the old number.",
    ),
    "no-such-move": Refusal(
        "C4",
        "事项处于“{state}”，现在不能做这个动作。",
        'The entry is at "{state}"; this step is not possible now.',
        "请重新打开事项页面，从列出的动作里选。",
        "Open the entry again and choose one of the steps listed there.",
    ),
    "no-such-opening": Refusal(
        "C4",
        "这个榜没有这种提出方式。",
        "This board has no such way to raise a matter.",
        "请从首页的按钮重新开始。",
        "Start again from the button on the front page.",
    ),
    "not-due": Refusal(
        "C5",
        "时限还没有到。",
        "The limit has not passed yet.",
        "请等到时限届满；在此之前由责任人办理。",
        "Wait until it is due; until then the holder acts.",
    ),
    "clock-only": Refusal(
        "C5",
        "逾期流转只由系统时钟来做。",
        "Only the clock moves an entry for being late.",
        "请从列出的动作里选。",
        "Choose one of the steps listed on the entry's page.",
    ),
    "no-place": Refusal(
        "C6",
        "没有说明事项发生在哪个地区。",
        "The entry has no place.",
        "请选择地区后再提交。",
        "Choose the area, then send again.",
    ),
    "no-raiser": Refusal(
        "C6",
        "没有提出人。",
        "The entry has no raiser.",
        "请重新打开提交页面再试一次。",
        "Open the form again and send it once more.",
    ),
    "again-not-closed": Refusal(
        "C8",
        "这件事项还没有办结，不用再次提出。",
        "This matter is not closed yet, so it need not be raised again.",
        "请看它的页面，上面写着谁该办、到什么时候。",
        "Its page says who owes the next step and by when.",
    ),
    "again-never": Refusal(
        "C8",
        "这样结束的事项不能再次提出。",
        "What has ended so is not raised again.",
        "请作为一件新事项提出。",
        "Raise it as a new matter.",
    ),
    "again-over": Refusal(
        "C8",
        "办结已超过 {within}，不能再作为同一件事再次提出。",
        "It ended more than {within} ago, so it is no longer raised again as the same matter.",
        "请作为一件新事项提出。",
        "Raise it as a new matter.",
    ),
    "again-not-yours": Refusal(
        "C8",
        "只有{parties}可以再次提出。",
        "Only {parties} may raise it again.",
        "请用原事项的查询码，或作为一件新事项提出。",
        "Use the code of the closed entry, or raise it as a new matter.",
    ),
    "objector-unknown": Refusal(
        "C7",
        "不知道是谁提出，不能“{move}”。",
        "Nobody can tell who it is, so “{move}” is not possible.",
        "请在事项的公开页面上点“提出异议”。",
        "Use the button on the entry's public page.",
    ),
    "objected-already": Refusal(
        "C7",
        "这次公示您已经“{move}”了（每人最多 {n} 次）。",
        "You have used “{move}” on this notice already ({n} a person at most).",
        "请等答复；答复会写在事项的公开页面上。",
        "Wait for the answer: it will stand on the entry's public page.",
    ),
    "objections-full": Refusal(
        "C7",
        "这次公示的异议已满 {n} 件。",
        "This notice has {n} objections already, the most it takes.",
        "请看已有的异议和答复；事项办结后还可以再次提出。",
        "Read the answers to those; once the matter is closed it can be raised again.",
    ),
    "objections-over": Refusal(
        "C7",
        "提异议的时间已经过了。",
        "The time to object is over.",
        "事项办结后，可以在它的公开页面上再次提出。",
        "Once the matter is closed, it can be raised again from its public page.",
    ),
    # Who may
    "not-yours": Refusal(
        "W1",
        "“{move}”由{parties}来做，您不是。",
        '"{move}" is done by {parties}; you are not.',
        "请用有权的账号登录，或请{parties}来办。",
        "Sign in with an account that may do it, or ask {parties}.",
    ),
    "handled-it": Refusal(
        "W2",
        "这件事项您经手过（{deed}），“{move}”须由没有经手的人来做。",
        'You handled this entry ({deed}); "{move}" must be done by somebody who did not.',
        "请交给没有经手过这件事项的同事。",
        "Hand it to a colleague who had no part in it.",
    ),
    "unit-handled-it": Refusal(
        "W2",
        "这件事项您的单位经手过（{deed}），“{move}”须由别的单位来做。",
        'Your unit handled this entry ({deed}); "{move}" must be done by another unit.',
        "请交给没有经手过这件事项的单位。",
        "Hand it to a unit that had no part in it.",
    ),
    "member-excluded": Refusal(
        "W2",
        "“{move}”不能由{party}来做，您是其中一员。",
        '"{move}" cannot be done by anybody of {party}; you are one of them.',
        "请交给不在其中的人。",
        "Hand it to somebody who is not.",
    ),
    "own-work": Refusal(
        "V1",
        "谁也不能验收自己办的事：这件事项由您办理或由您代为登记。",
        "Nobody verifies their own work: you did this work or wrote this entry down.",
        "请由提出人本人确认结果，或由没有经手的人回访。",
        "Let the raiser judge it, or somebody who had no part in it call back.",
    ),
    "not-taken": Refusal(
        "W4",
        "“{move}”不能由他人这样代录。",
        '"{move}" cannot be taken down for the raiser this way.',
        "请提出人用查询码或密码自己来做。",
        "Let the raiser do it with their code or PIN.",
    ),
    "not-a-taker": Refusal(
        "W4",
        "提出人当面或托亲属说的“{move}”，由{parties}代录，您不是。",
        'What a raiser says in person or through a relative ("{move}") is taken down by {parties}; you are not.',
        "请{parties}来代录。",
        "Ask {parties} to take it down.",
    ),
    "which-unit": Refusal(
        "W3",
        "您代表不止一个单位，请说明这次代表哪一个。",
        "You act for more than one unit; say which one this time.",
        "请在表单里选择单位后再提交。",
        "Choose the unit in the form, then send again.",
    ),
    "not-your-unit": Refusal(
        "W3",
        "您不能代表这个单位做“{move}”。",
        'You may not do "{move}" for that unit.',
        "请选择自己所在的单位。",
        "Choose a unit you belong to.",
    ),
    "already-voted": Refusal(
        "V4",
        "“{move}”每人一次，您已经表过态。",
        'Everybody has one voice in "{move}", and you have given yours.',
        "请等其他人，或等时限届满。",
        "Wait for the others, or until the limit has passed.",
    ),
    "voter-unknown": Refusal(
        "V4",
        "“{move}”每人一次，要知道是谁。",
        'Everybody has one voice in "{move}", so it must be known whose it is.',
        "请先登录，或用查询码。",
        "Sign in, or use your code.",
    ),
    "already-judged": Refusal(
        "V4",
        "您已经确认过了，正在等其他提出人确认。",
        "You have given your verdict; the other raisers are still being asked.",
        "请等其他提出人确认，或等时限届满。",
        "Wait for the others, or until the limit has passed.",
    ),
    # Conditions and laps
    "used-up": Refusal(
        "D3",
        "“{move}”最多 {n} 次，已经用完。",
        '"{move}" is possible {n} time(s) at most, and that is used up.',
        "请从其余的动作里选。",
        "Choose one of the other steps.",
    ),
    "duties-open": Refusal(
        "O3",
        "还有没做完的事：{duties}。",
        "Some duties are not done yet: {duties}.",
        "请先完成这些，再做“{move}”。",
        'Do these first, then "{move}".',
    ),
    "condition": Refusal(
        "G1",
        "按已经填写的内容，不能做“{move}”。",
        'With the answers given, "{move}" is not possible.',
        "请核对填写的内容，或选择别的动作。",
        "Check the answers, or choose another step.",
    ),
    "no-way": Refusal(
        "G2",
        "按所填的内容，找不到“{move}”之后的去向。",
        'With these answers "{move}" leads nowhere.',
        "请核对填写的内容；若都正确，请把情况告诉管理员。",
        "Check the answers; if they are right, tell the administrator.",
    ),
    # Answers
    "answer-missing": Refusal(
        "A1",
        "“{field}”没有填。",
        '"{field}" is not answered.',
        "请填写“{field}”，再提交。",
        'Answer "{field}", then send again.',
    ),
    "answer-unknown": Refusal(
        "A2",
        "“{move}”没有问“{field}”这一项。",
        '"{move}" does not ask "{field}".',
        "请用页面上的表单提交。",
        "Use the form on the page.",
    ),
    "answer-not-asked": Refusal(
        "A2",
        "按前面的填写，不该再填“{field}”。",
        'With the answers before it, "{field}" is not asked.',
        "请清空“{field}”，或改正前面的填写。",
        'Clear "{field}", or change the answers before it.',
    ),
    "answer-type": Refusal(
        "A3",
        "“{field}”的格式不对：{wanted}。",
        '"{field}" has the wrong form: {wanted}.',
        "请改正“{field}”，再提交。",
        'Correct "{field}", then send again.',
    ),
    "answer-too-long": Refusal(
        "A4",
        "“{field}”太长：{length} 个字，最多 {most} 个字。",
        '"{field}" is too long: {length} characters; at most {most} are allowed.',
        "请写短一些，再提交。",
        "Shorten it, then send again.",
    ),
    "too-many-lines": Refusal(
        "A4",
        "“{field}”有 {n} 项，最多 {most} 项。",
        '"{field}" has {n} lines; at most {most} are allowed.',
        "请去掉一些，或另提一件，再提交。",
        "Remove some, or raise another entry for them, then send again.",
    ),
    "answer-characters": Refusal(
        "A5",
        "“{field}”里有不能保存的字符（空字符、控制符或残缺的字符）。",
        '"{field}" contains characters that cannot be kept (NUL, control characters or half characters).',
        "请删掉不可见的字符，或重新输入这段文字。",
        "Remove the invisible characters, or type the text again.",
    ),
    "answer-choice": Refusal(
        "A6",
        "“{field}”没有这个选项。",
        '"{field}" has no such choice.',
        "请从列出的选项里选一个。",
        "Choose one of the choices listed.",
    ),
    "number-range": Refusal(
        "A6",
        "“{field}”须在 0 到 {most} 之间。",
        '"{field}" must lie between 0 and {most}.',
        "请改正这个数，再提交。",
        "Correct the number, then send again.",
    ),
    "date-past": Refusal(
        "T1",
        "“{field}”已经过去（或当天已下班）。",
        '"{field}" has passed, or its office day is over.',
        "请选今天之后的工作日，最晚 {latest}。",
        "Choose a later working day, {latest} at the latest.",
    ),
    "date-not-working": Refusal(
        "T2",
        "“{field}”（{day}）不是工作日。",
        '"{field}" ({day}) is not a working day.',
        "请选一个工作日，最晚 {latest}。",
        "Choose a working day, {latest} at the latest.",
    ),
    "date-too-late": Refusal(
        "T3",
        "“{field}”太晚：最晚可到 {latest}。",
        '"{field}" is too late: {latest} at the latest.',
        "请选 {latest} 或更早的工作日。",
        "Choose {latest} or an earlier working day.",
    ),
    "date-too-soon": Refusal(
        "T5",
        "“{field}”太早：须在{since}之后至少{amount}，最早 {day}。",
        '"{field}" is too soon: at least {amount} after {since}, {day} at the earliest.',
        "请选 {day} 或更晚的日期。",
        "Choose {day} or a later day.",
    ),
    "date-too-far": Refusal(
        "T5",
        "“{field}”太晚：须在{since}之后{amount}以内，最晚 {day}。",
        '"{field}" is too far off: at most {amount} after {since}, {day} at the latest.',
        "请选 {day} 或更早的日期。",
        "Choose {day} or an earlier day.",
    ),
    "answer-not-that": Refusal(
        "T5",
        "按“{by}”的答案，“{field}”应为“{must}”。",
        'By the answer to "{by}", "{field}" has to be "{must}".',
        "请改选“{must}”，或改正“{by}”。",
        'Choose "{must}", or correct "{by}".',
    ),
    "no-calendar": Refusal(
        "T4",
        "算不出时限：日历里没有 {year} 年的放假安排。",
        "The limit cannot be counted: the calendar has no table for {year}.",
        "请管理员先加入 {year} 年的日历（未公布时可先加估计表）。",
        "Ask the administrator to add the calendar of {year} (an estimated one until it is published).",
    ),
    # Proof
    "no-proof": Refusal(
        "V2",
        "“{move}”须出示{proof}。",
        '"{move}" needs proof: {proof}.',
        "请附上{proof}，再提交。",
        "Add {proof}, then send again.",
    ),
    "too-many-files": Refusal(
        "A7",
        "附件太多：{n} 个，最多 {most} 个。",
        "Too many files: {n}; at most {most} are allowed.",
        "请去掉一些附件，再提交。",
        "Remove some, then send again.",
    ),
    # Extensions
    "not-extendable": Refusal(
        "E1",
        "“{state}”的时限不能延长。",
        'The limit of "{state}" cannot be extended.',
        "请在时限内办理。",
        "Act within the limit.",
    ),
    "extension-used": Refusal(
        "E2",
        "延期最多 {n} 次，已经用完。",
        "The limit can be extended {n} time(s) at most, and that is used up.",
        "请在时限内办理。",
        "Act within the limit.",
    ),
    "extension-too-late": Refusal(
        "E3",
        "延期须在到期前 {n} 提出，现在已经来不及。",
        "An extension must be asked for {n} before it is due; that moment has passed.",
        "请在时限内办理。",
        "Act within the limit.",
    ),
    "extension-asked": Refusal(
        "E4",
        "已经申请延期，正在等答复。",
        "An extension has been asked for and waits for an answer.",
        "请等答复；到时没有答复，就是不同意。",
        "Wait for the answer; no answer in time is a refusal.",
    ),
    "extension-not-asked": Refusal(
        "E4",
        "没有待答复的延期申请。",
        "No extension waits for an answer.",
        "如果需要延期，请责任人先申请。",
        "If one is needed, the holder must ask first.",
    ),
    "extension-lapsed": Refusal(
        "E4",
        "延期申请 {n}内没有答复，已按不同意处理。",
        "The extension was not answered within {n}, which is a refusal.",
        "请责任人在原时限内办理。",
        "The holder acts within the old limit.",
    ),
    "extension-span": Refusal(
        "E5",
        "总时限先到，延长这一步也没有用。",
        "The overall term ends first; extending this step would not help.",
        "请在总时限内办理。",
        "Act within the overall term.",
    ),
}


def refuse(code: str, *, about: str = "", **words: Texts | str | int) -> Refused:
    """Fill in one refusal, `about` a question by name. Words given as texts are put in per language."""
    pattern = REFUSALS[code]
    zh = {name: word if isinstance(word, str | int) else in_language(word, "zh") for name, word in words.items()}
    en = {name: word if isinstance(word, str | int) else in_language(word, "en") for name, word in words.items()}
    return Refused(
        code,
        pattern.rule,
        {"zh": pattern.zh.format_map(zh), "en": pattern.en.format_map(en)},
        {"zh": pattern.next_zh.format_map(zh), "en": pattern.next_en.format_map(en)},
        about,
    )


def in_language(texts: Texts, lang: str) -> str:
    """The text in that language, else in the first one there is."""
    return texts.get(lang) or next(iter(texts.values()), "")


def listed(items: list[Texts], *, zh: str = "、", en: str = ", ") -> Texts:
    """Several texts as one, per language."""
    return {
        "zh": zh.join(in_language(item, "zh") for item in items),
        "en": en.join(in_language(item, "en") for item in items),
    }
