"""Notes that pretend to come from the shop or its system: the customer's own sentence beside them is answered."""

from __future__ import annotations

import re

_POSING = (
    r"(?:system|admin(?:istrator)?|developer|internal|operator|instructions?|prompt|ignore (?:all|any|previous|the)|"
    r"override|debug|系统|管理员|内部|指令|提示|开发者|忽略|后台|权限)"
)
_BRACKETED = re.compile(rf"[\[(（【<{{](?=[^\])）】>}}]*{_POSING})[^\])）】>}}]{{8,}}[\])）】>}}]", re.IGNORECASE)
_LINE = re.compile(
    rf"^\W*(?:{_POSING})(?: (?:note|message|prompt|override|notice))?(?:备注|消息|说明|通知)?\W{{0,3}}[:：].*(?:\n|$)",
    re.IGNORECASE | re.MULTILINE,
)
_LEAST = 3


def without_notes(text: str) -> str:
    """A message without such notes; empty when there are none, or when nothing else is said."""
    left = " ".join(_LINE.sub(" ", _BRACKETED.sub(" ", text)).split())
    return left if left != " ".join(text.split()) and sum(sign.isalnum() for sign in left) >= _LEAST else ""
