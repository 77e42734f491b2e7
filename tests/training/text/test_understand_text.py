"""`understand_text` on the real Triton: one string in, everything out, whatever the string is."""

import asyncio
import json
from collections.abc import AsyncIterator

import numpy as np
import numpy.typing as npt
import pytest
import tritonclient.grpc.aio as triton

from training.text.expand import EMOTIONS, INTENTS

pytestmark = pytest.mark.integration


@pytest.fixture
async def client(triton_url: str) -> AsyncIterator[triton.InferenceServerClient]:
    """A client of the session's Triton."""
    async with triton.InferenceServerClient(triton_url) as made:
        yield made


async def understand(client: triton.InferenceServerClient, *texts: str | bytes) -> dict[str, npt.NDArray[np.generic]]:
    """Ask for every output at once."""
    rows = [text if isinstance(text, bytes) else text.encode() for text in texts]
    tensor = triton.InferInput("TEXT", [len(rows), 1], "BYTES")
    tensor.set_data_from_numpy(np.array(rows, dtype=object).reshape(-1, 1))
    reply = await client.infer("understand_text", [tensor])
    return {name: reply.as_numpy(name) for name in ("EMBEDDING", "INTENT", "EMOTION", "SLOTS")}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where is my parcel", "order_status"),
        ("快递到哪了", "order_status"),
        ("I want to talk to a human", "human_agent"),
        ("转人工", "human_agent"),
        ("thank you so much", "thanks"),
        ("怎么开发票", "invoice_request"),
        ("我忘记密码了", "account_problem"),
        ("do you have any coupons", "coupon_inquiry"),
        ("what's the weather tomorrow", "out_of_scope"),
    ],
)
async def test_plain_wishes_are_understood(client: triton.InferenceServerClient, text: str, intent: str) -> None:
    """The commonest sentences of both languages get the right intent with more than even odds."""
    answer = await understand(client, text)
    assert INTENTS[int(answer["INTENT"][0].argmax())] == intent
    assert answer["INTENT"][0].max() > 0.5


async def test_feelings_are_understood(client: triton.InferenceServerClient) -> None:
    """Anger and gratitude, in words and as an emoji."""
    answer = await understand(client, "this is ridiculous, where is my order", "太感谢你们了", "😡😡😡")
    assert [EMOTIONS[place] for place in answer["EMOTION"].argmax(1)] == ["anger", "gratitude", "anger"]


async def test_slots_carry_characters_of_the_text(client: triton.InferenceServerClient) -> None:
    """Start and end cut the value out of the text as it was sent, emoji and Chinese before it included."""
    text = "😡我的订单SO20481234怎么还没到"
    found = json.loads((await understand(client, text))["SLOTS"][0, 0])
    assert [(slot["slot"], slot["value"]) for slot in found] == [("order_number", "SO20481234")]
    assert text[found[0]["start"] : found[0]["end"]] == "SO20481234"
    assert 0 < found[0]["score"] <= 1


async def test_both_spellings_of_chinese_are_read_alike(client: triton.InferenceServerClient) -> None:
    """Traditional characters get the very answers of the simplified ones, in places of the text as it was sent."""
    texts = "請問我買的毛衣肩膀那裡太緊，訂單SO20481234還沒收到", "请问我买的毛衣肩膀那里太紧，订单SO20481234还没收到"
    first, second = await understand(client, texts[0]), await understand(client, texts[1])
    for name in ("EMBEDDING", "INTENT", "EMOTION"):
        np.testing.assert_allclose(first[name], second[name], atol=1e-5)
    found = [json.loads(answer["SLOTS"][0, 0]) for answer in (first, second)]
    assert [(slot["slot"], slot["start"]) for slot in found[0]] == [(slot["slot"], slot["start"]) for slot in found[1]]
    assert [slot["value"] for slot in found[0]] == [texts[0][slot["start"] : slot["end"]] for slot in found[0]]


async def test_translations_are_neighbours(client: triton.InferenceServerClient) -> None:
    """A Chinese question is nearer to its English twin than to other questions."""
    vectors = (await understand(client, "快递到哪了", "where is my parcel", "i need an invoice", "hello"))["EMBEDDING"]
    near, *far = (vectors[1:] @ vectors[0]).tolist()
    assert near > max(far) + 0.2


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "😀",
        "😀" * 500,
        "a" * 10_000,
        "快" * 10_000,
        "订单order😀ｆｕｌｌ العربية",
        b"\xff\xfe\x00abc",
        "\u202e\u200b",
        "?!。",
    ],
)
async def test_any_text_has_a_defined_answer(client: triton.InferenceServerClient, text: str | bytes) -> None:
    """Probabilities sum to one, the embedding has length one, slots are a list: nothing is too odd."""
    answer = await understand(client, text)
    np.testing.assert_allclose(answer["INTENT"].sum(1), 1, atol=1e-3)
    np.testing.assert_allclose(answer["EMOTION"].sum(1), 1, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(answer["EMBEDDING"], axis=1), 1, atol=1e-3)
    assert isinstance(json.loads(answer["SLOTS"][0, 0]), list)


async def test_company_in_a_batch_does_not_change_an_answer(client: triton.InferenceServerClient) -> None:
    """Alone, beside a long text, or fused with other callers: the same probabilities within rounding."""
    text, long = "退款什么时候到账", "please tell me " * 30
    alone = await understand(client, text)
    beside = await understand(client, text, long)
    fused = await asyncio.gather(*(understand(client, text) for _ in range(8)))
    for other in (beside, *fused):
        np.testing.assert_allclose(other["INTENT"][0], alone["INTENT"][0], atol=0.03)
        np.testing.assert_allclose(other["EMBEDDING"][0], alone["EMBEDDING"][0], atol=3e-3)


async def test_the_embedding_is_that_of_text_encoder(client: triton.InferenceServerClient) -> None:
    """Both ensembles run the same encoder."""
    tensor = triton.InferInput("TEXT", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[b"refund please"]], dtype=object))
    alone = (await client.infer("text_encoder", [tensor])).as_numpy("EMBEDDING")
    np.testing.assert_allclose((await understand(client, "refund please"))["EMBEDDING"], alone, atol=3e-3)


async def test_an_empty_batch_entry_type_is_refused(client: triton.InferenceServerClient) -> None:
    """A tensor of the wrong type is a typed error and the model lives on."""
    tensor = triton.InferInput("TEXT", [1, 1], "INT32")
    tensor.set_data_from_numpy(np.array([[1]], dtype=np.int32))
    with pytest.raises(Exception, match="INVALID_ARGUMENT"):
        await client.infer("understand_text", [tensor])
    assert (await understand(client, "hi"))["INTENT"].shape == (1, len(INTENTS))
