"""What presses the matter that runs, and what is a matter of its own."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.phrases import PHRASES

pytestmark = pytest.mark.unit

PRESSES = (
    "都五天了|还是没有收到|还没到|什么时候能到|大概几天能到|还要多久|帮我看看|想想办法|催一下|能不能快点|帮我催一下|快点啊|两个星期了|没消息|"
    "it's been five days|5 days already!!|still nothing|nothing yet|when will it arrive?|so when does it arrive|"
    "ok so when|please do something|do something!|help|two weeks now|still waiting|how long will it take|"
    "check it for me please|how much longer?"
)
OWN_MATTER = (
    "还没收到发票|什么时候发货|帮我看看茶壶多少钱|帮我取消|发票多久|快递到哪了|五个人|三天后|"
    "I want my money back|when can i return it|how long is the warranty|help me cancel|"
    "help me choose a gift|no|yes|ok|still broken"
)


@pytest.mark.parametrize("text", PRESSES.split("|"))
def test_names_no_matter_but_wants_it_to_go_on(text: str) -> None:
    """Impatience, nothing yet, when, do something: of whatever was spoken of last."""
    assert PHRASES.has("presses", text)


@pytest.mark.parametrize("text", OWN_MATTER.split("|"))
def test_a_matter_of_its_own_is_read_by_itself(text: str) -> None:
    """What names something is no pressing."""
    assert not PHRASES.has("presses", text)
