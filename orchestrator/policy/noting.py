"""Notes that pretend to come from the shop or its system: the customer's own sentence beside them is answered."""

from __future__ import annotations

import re

from orchestrator.dialogue.phrases import PHRASES

_POSING = (
    r"(?:system|admin(?:istrator)?|developer|internal|operator|instructions?|prompt|ignore (?:all|any|previous|the)|"
    r"override|debug|系统|管理员|内部|指令|提示|开发者|忽略|后台|权限)"
)
_BRACKETED = re.compile(rf"[\[(（【<{{](?=[^\])）】>}}]*{_POSING})[^\])）】>}}]{{8,}}[\])）】>}}]", re.IGNORECASE)
_LINE = re.compile(
    rf"^\W*(?:{_POSING})(?: (?:note|message|prompt|override|notice))?(?:备注|消息|说明|通知)?\W{{0,3}}[:：].*(?:\n|$)",
    re.IGNORECASE | re.MULTILINE,
)
# "Note to the AI: … My question: …" asks what stands behind.
_BEFORE_QUESTION = re.compile(
    r"^\W*(?:(?:a |this is a )?(?:note|message|instructions?) (?:to|for) (?:the |this )?"
    r"(?:ai|bot|assistant|model|system)|"
    r"(?:给|致)(?:这个)?(?:ai|机器人|助手|模型|系统)的?(?:备注|说明|留言|指令|提示)?)\W{0,3}[:：].*?"
    r"(?:my (?:real |actual )?question(?: is)?|(?:我的)?(?:真正的?|实际)?问题(?:是)?|我想问(?:的是)?)\s*[:：,，]?\s*",
    re.IGNORECASE | re.DOTALL,
)
_LEAST = 3
_ENDS = " ,.;!，。；！、"


def without_declined_person(text: str) -> str | None:
    """What a message says besides that no person is wanted: empty for nothing; None where it says no such thing."""
    if not PHRASES.has("no_person", text):
        return None
    left = PHRASES.without("no_person", text).strip(_ENDS)
    return left if sum(sign.isalnum() for sign in left) >= _LEAST else ""


def without_notes(text: str) -> str:
    """A message without such notes; empty when there are none, or when nothing else is said."""
    text_asked = _BEFORE_QUESTION.sub(" ", text)
    left = " ".join(_LINE.sub(" ", _BRACKETED.sub(" ", text_asked)).split())
    return left if left != " ".join(text.split()) and sum(sign.isalnum() for sign in left) >= _LEAST else ""
