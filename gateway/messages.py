"""What people read in an error, in both languages: what happened and what to do next, by reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

# reason: (English, Chinese). {field}, {detail} and {limit} are filled in where the reason has them.
MESSAGES: Mapping[str, tuple[str, str]] = {
    "MALFORMED_JSON": (
        'The frame is not a JSON object. Send one JSON object with a "type" per text frame.',
        '该帧不是 JSON 对象。请在每个文本帧中发送一个带 "type" 的 JSON 对象。',
    ),
    "UNKNOWN_FRAME": (
        "This frame type is not known. See /asyncapi.yaml for the types that are.",
        "未知的帧类型。可用类型见 /asyncapi.yaml。",
    ),
    "INVALID_FRAME": (
        'The frame\'s field "{field}" is not valid ({detail}). Correct it and send again.',
        '帧字段 "{field}" 无效（{detail}）。请更正后重新发送。',
    ),
    "INVALID_CHUNK": (
        "The binary frame is not a piece of an upload. See /asyncapi.yaml for how one is made.",
        "该二进制帧不是上传分片。格式见 /asyncapi.yaml。",
    ),
    "HELLO_REQUIRED": (
        'The first frame must be "hello". Reconnect and begin with it.',
        '第一个帧必须是 "hello"。请重新连接并先发送它。',
    ),
    "TOKEN_MISSING": (
        'A token or a key is needed. Send it as "Authorization: Bearer ...".',
        '需要令牌或密钥。请以 "Authorization: Bearer ..." 发送。',
    ),
    "TOKEN_INVALID": (
        "The token or key is not valid. Get a new one; on a page, reload it.",
        "令牌或密钥无效。请重新获取；若在网页中，请刷新页面。",
    ),
    "TOKEN_EXPIRED": (
        "The token or key has expired. Get a new one; on a page, reload it.",
        "令牌或密钥已过期。请重新获取；若在网页中，请刷新页面。",
    ),
    "TOKEN_REVOKED": (
        "The token or key has been revoked. Get a new one from who issued it.",
        "令牌或密钥已被吊销。请向签发方重新获取。",
    ),
    "SCOPE_MISSING": (
        "The token or key may not do this. Use one with the scope that is needed.",
        "该令牌或密钥无此权限。请使用具有相应权限范围的令牌或密钥。",
    ),
    "TENANT_UNKNOWN": (
        "There is no such tenant here. Check the name of the tenant.",
        "此处没有该租户。请检查租户名称。",
    ),
    "TENANT_MISMATCH": (
        "This token belongs to another tenant. Connect with ?tenant= and its name.",
        "该令牌属于另一个租户。请在连接地址中以 ?tenant= 指明租户。",
    ),
    "TOKEN_FORBIDDEN": (
        "This token belongs to somebody else. Refresh with one for the same customer.",
        "该令牌属于其他用户。请使用同一客户的令牌进行更新。",
    ),
    "ENTRY_NOT_FOUND": (
        "There is no such entry in this conversation. Check its number.",
        "会话中没有该条目。请检查其编号。",
    ),
    "ENTRY_NOT_OURS": (
        "Only what the shop wrote can be changed. Choose another entry.",
        "只能修改商家发送的内容。请选择其他条目。",
    ),
    "ALREADY_TAKEN": (
        "{detail} has this conversation already. Choose another one.",
        "{detail} 已接手该会话。请选择其他会话。",
    ),
    "NOT_TAKEN": (
        "This conversation is not yours. Take it first.",
        "该会话不由您负责。请先接手。",
    ),
    "APPROVAL_UNKNOWN": (
        "There is no such approval. Look at the list again.",
        "没有该审批。请刷新列表。",
    ),
    "APPROVAL_DECIDED": (
        "Somebody has decided this already. Look at the list again.",
        "该审批已有结论。请刷新列表。",
    ),
    "CONVERSATION_FORBIDDEN": (
        "This conversation belongs to somebody else. Start a new one.",
        "该会话不属于您。请开始新的会话。",
    ),
    "CONVERSATION_NOT_FOUND": (
        "This conversation does not exist any more. Start a new one.",
        "该会话已不存在。请开始新的会话。",
    ),
    "CONVERSATION_CLOSED": (
        "This conversation is closed. Start a new one to write again.",
        "该会话已结束。请开始新的会话后再发送。",
    ),
    "MESSAGE_ID_CONFLICT": (
        "Another message was sent under this id. Send it again under a new id.",
        "该消息编号已用于另一条消息。请换一个编号重新发送。",
    ),
    "FRAME_TOO_LARGE": (
        "The frame is larger than 64 KiB. Reconnect and send less at once.",
        "该帧超过 64 KiB。请重新连接并减少单次发送的内容。",
    ),
    "TEXT_TOO_LONG": (
        "The message is longer than 4000 characters. Shorten it or send it in parts.",
        "消息超过 4000 个字符。请缩短或分多条发送。",
    ),
    "RATE_LIMITED": (
        "That was too fast. Wait a moment and send again.",
        "发送过于频繁。请稍候再发。",
    ),
    "TOO_MANY_PENDING": (
        "Too many messages are waiting for confirmation. Wait for them and send again.",
        "等待确认的消息过多。请等它们确认后再发。",
    ),
    "STICKER_NOT_FOUND": (
        "This sticker does not exist any more. Choose another one.",
        "该表情已不存在。请换一个。",
    ),
    "RECONNECTING": (
        "The service is reconnecting. Send it again in a moment.",
        "服务正在重新连接。请稍后再发。",
    ),
    "UNAVAILABLE": (
        "The service is out of reach at the moment. Try again shortly.",
        "服务暂时不可用。请稍后再试。",
    ),
    "DEADLINE_EXCEEDED": (
        "That took too long. Try again.",
        "处理超时。请重试。",
    ),
    "INTERNAL": (
        "Something went wrong on our side. Try again; if it stays, tell support the trace id.",
        "我们这边出了问题。请重试；若仍然失败，请把追踪编号告诉客服。",
    ),
    "REQUEST_TIMEOUT": (
        "The request did not arrive in time. Send it again over a better line.",
        "请求未能及时到达。请在网络较好时重新发送。",
    ),
    "INVALID_QUERY": (
        'The parameter "{field}" is not valid ({detail}). Correct it and try again.',
        '参数 "{field}" 无效（{detail}）。请更正后重试。',
    ),
    "INVALID_BODY": (
        'The request\'s field "{field}" is not valid ({detail}). Correct it and send again.',
        '请求字段 "{field}" 无效（{detail}）。请更正后重新发送。',
    ),
    "NOT_FOUND": (
        "There is nothing at this address. Check it and try again.",
        "该地址没有内容。请检查后重试。",
    ),
    "METHOD_NOT_ALLOWED": (
        "This address does not take that method. See the Allow header.",
        "该地址不支持此方法。请查看 Allow 响应头。",
    ),
    "TOO_MANY_CONNECTIONS": (
        "Too many connections at the moment. Try again shortly.",
        "当前连接过多。请稍后再试。",
    ),
    "INVALID_UPLOAD": (
        'The upload cannot be read. Send the picture as "file" of a multipart form, or as the body itself.',
        '无法读取上传内容。请以表单字段 "file" 或直接作为请求正文发送图片。',
    ),
    "PICTURE_EMPTY": (
        "The picture is empty. Choose another file.",
        "图片是空的。请选择其他文件。",
    ),
    "PICTURE_BROKEN": (
        "The picture cannot be read, it may be damaged. Choose another file.",
        "图片无法读取，可能已损坏。请选择其他文件。",
    ),
    "PICTURE_TOO_LARGE": (
        "The picture is too large. Pictures may have at most 5 MiB and 40 megapixels.",
        "图片过大。图片最大 5 MiB、4000 万像素。",
    ),
    "PICTURE_TYPE_UNSUPPORTED": (
        "This kind of file is not taken. Send a JPEG, PNG, WebP or GIF picture.",
        "不支持这种文件。请发送 JPEG、PNG、WebP 或 GIF 图片。",
    ),
    "PICTURE_TYPE_HEIF": (
        "HEIC and AVIF pictures cannot be read here. Save the picture as JPEG, or send a screenshot of it.",
        "暂不支持 HEIC 和 AVIF 图片。请另存为 JPEG，或发送它的截图。",
    ),
    "PICTURE_TYPE_MISMATCH": (
        "The file is not what its name or type says it is. Save it again as a picture and send that.",
        "文件内容与其名称或类型不符。请重新保存为图片后再发送。",
    ),
    "IMAGE_NOT_FOUND": (
        "This picture does not exist any more. Send it again.",
        "该图片已不存在。请重新发送。",
    ),
    "UPLOAD_NOT_FOUND": (
        "This upload is not known any more. Send the picture again.",
        "该上传已失效。请重新发送图片。",
    ),
    "UPLOAD_CONFLICT": (
        "Another picture is being uploaded under this id. Choose a new id.",
        "该编号正用于上传另一张图片。请换一个编号。",
    ),
    "CHECKSUM_MISMATCH": (
        "The picture did not arrive as it was sent. Send it again.",
        "图片在传输中损坏。请重新发送。",
    ),
    "IDEMPOTENCY_CONFLICT": (
        "Another picture was uploaded under this Idempotency-Key. Choose a new key.",
        "该 Idempotency-Key 已用于另一张图片。请换一个。",
    ),
    "LINK_INVALID": (
        "This link is not valid. Open the conversation again for a fresh one.",
        "链接无效。请重新打开会话以获取新链接。",
    ),
    "LINK_EXPIRED": (
        "This link has expired. Open the conversation again for a fresh one.",
        "链接已过期。请重新打开会话以获取新链接。",
    ),
    "ORIGIN_FORBIDDEN": (
        "This site may not use the service. Ask the shop to allow its origin.",
        "此网站无权使用该服务。请联系商家将其加入允许列表。",
    ),
}


def language_of(locale: str | None) -> Language:
    """The language of messages for a BCP 47 tag; English unless it is Chinese."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"


def message_for(reason: str, language: Language, **facts: object) -> str | None:
    """The sentence for a reason, or None when the edge has none for it."""
    pair = MESSAGES.get(reason)
    if pair is None:
        return None
    return pair[1 if language == "zh" else 0].format_map({"field": "", "detail": "", **facts})
