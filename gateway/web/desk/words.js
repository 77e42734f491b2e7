/**
 * What the desk says, in both languages, beside the widget's own words for transcripts, cards and stickers.
 */

const MOODS = {
  en: { joy: "Happy", gratitude: "Grateful", love: "Delighted", surprise: "Surprised", anxiety: "Worried", sadness: "Sad",
    anger: "Angry", confusion: "Confused" },
  zh: { joy: "高兴", gratitude: "感谢", love: "喜爱", surprise: "惊讶", anxiety: "着急", sadness: "难过", anger: "生气", confusion: "困惑" },
};

const INTENTS = {
  order_status: ["an order", "查订单"],
  logistics_delay: ["a late parcel", "物流延误"],
  parcel_status: ["a parcel", "查快递"],
  address_change: ["another address", "改地址"],
  cancel_order: ["to cancel an order", "取消订单"],
  return_request: ["to return something", "退货"],
  refund_status: ["a refund", "退款"],
  exchange_request: ["to exchange something", "换货"],
  coupon_inquiry: ["a coupon", "优惠券"],
  invoice_request: ["an invoice", "发票"],
  product_question: ["to know about a product", "商品咨询"],
  payment_problem: ["help with a payment", "支付问题"],
  account_problem: ["help with the account", "账号问题"],
  complaint: ["to complain", "投诉"],
  human_agent: ["a person", "人工客服"],
};

/** What a customer wants, in words; null for small talk and what is not known. @param {string} intent @param {string} language */
export const intentWords = (intent, language) => INTENTS[intent]?.[language === "zh" ? 1 : 0] ?? null;

export const WORDS = {
  en: {
    title: "Desk",
    login: "Log in to the desk",
    loginNote: "Paste an agent key. `stickerdesk keys create … --scope agent --name Anna` makes one, `stickerdesk desk` prints a link.",
    key: "Agent key",
    enter: "Log in",
    linkUsed: "This link was used before or is too old. Paste a key, or ask for a new link: stickerdesk desk",
    leave: "Log out",
    offline: "No connection. It comes back by itself.",
    mine: "Mine",
    waiting: "Waiting",
    approvals: "Approvals",
    others: "With colleagues",
    recent: "Recent",
    nobodyWaits: "Nobody waits.",
    noneMine: "Take somebody from the line.",
    visitor: (id) => `Visitor ${id}`,
    place: (place) => `Number ${place} in line`,
    waits: (time) => `waits ${time}`,
    ago: (time) => `${time} ago`,
    now: "just now",
    unread: "New message",
    choose: "Choose a conversation",
    chooseNote: "Who waits longest stands first. Alt+↓ and Alt+↑ go through the lists, Alt+T takes.",
    take: "Take",
    handBack: "Hand back",
    close: "Close",
    closeSure: "Close this conversation for good?",
    closeYes: "Yes, close",
    no: "No",
    takenBy: (name) => `${name} has it`,
    engineHas: "The assistant answers",
    over: "This conversation has ended.",
    ticket: (number) => `Ticket ${number}`,
    wrote: (text) => `Customer wrote: ${text}`,
    languages: { en: "English", zh: "Chinese" },
    placeholder: "Write a reply…",
    messageLabel: "Message to the customer",
    thinking: "The customer is writing…",
    agentTyping: "Somebody is writing…",
    customer: "Customer",
    transcript: "Conversation with the customer",
    understood: (intent, share) => `Wants ${intent} (${share} %)`,
    suggested: "Suggested reply",
    use: "Use it",
    back: "Back to the lists",
    notDone: "That did not work. Try again.",
    change: "Change",
    changing: "Changing your message:",
    ownSticker: "Your sticker",
    takeBack: "Take back",
    leaveIt: "Leave it",
    notSent: (text) => `Not sent: ${text}`,
    approve: "Approve",
    deny: "Deny",
    noApprovals: "Nothing waits for a decision.",
    decided: { approved: "Done. ", denied: "Denied. ", failed: "It is no longer possible, nothing was done. " },
    told: "The customer is told.",
    toldLater: "The customer is told as soon as the conversation can be reached.",
    flash: "Somebody waits",
    moods: MOODS.en,
    calls: (count) => `${count} want somebody`,
    newWaiting: (name) => `${name} waits`,
  },
  zh: {
    title: "客服台",
    login: "登录客服台",
    loginNote: "请粘贴客服密钥。用 `stickerdesk keys create … --scope agent --name Anna` 创建，或用 `stickerdesk desk` 获取登录链接。",
    key: "客服密钥",
    enter: "登录",
    linkUsed: "该链接已使用或已过期。请粘贴密钥，或重新获取链接：stickerdesk desk",
    leave: "退出",
    offline: "连接中断，会自动恢复。",
    mine: "我的会话",
    waiting: "排队中",
    approvals: "待审批",
    others: "同事的会话",
    recent: "最近",
    nobodyWaits: "没有人在排队。",
    noneMine: "从排队中接手一位顾客。",
    visitor: (id) => `访客 ${id}`,
    place: (place) => `第 ${place} 位`,
    waits: (time) => `已等 ${time}`,
    ago: (time) => `${time}前`,
    now: "刚刚",
    unread: "新消息",
    choose: "请选择会话",
    chooseNote: "等待最久的排在最前。Alt+↓ / Alt+↑ 切换会话，Alt+T 接手。",
    take: "接手",
    handBack: "交还助手",
    close: "结束会话",
    closeSure: "确定结束该会话？",
    closeYes: "确定结束",
    no: "取消",
    takenBy: (name) => `${name} 已接手`,
    engineHas: "由智能助手服务",
    over: "会话已结束。",
    ticket: (number) => `工单 ${number}`,
    wrote: (text) => `顾客原话：${text}`,
    languages: { en: "英文", zh: "中文" },
    placeholder: "回复顾客…",
    messageLabel: "给顾客的消息",
    thinking: "顾客正在输入…",
    agentTyping: "正在输入…",
    customer: "顾客",
    transcript: "与顾客的会话",
    understood: (intent, share) => `意图：${intent}（${share}%）`,
    suggested: "建议回复",
    use: "采用",
    back: "返回列表",
    notDone: "操作未成功，请重试。",
    change: "修改",
    changing: "正在修改：",
    ownSticker: "您发的表情",
    takeBack: "撤回",
    leaveIt: "不改了",
    notSent: (text) => `未发送：${text}`,
    approve: "同意",
    deny: "拒绝",
    noApprovals: "没有待审批事项。",
    decided: { approved: "已办理，", denied: "已拒绝，", failed: "已无法办理，未作任何改动，" },
    told: "并已告知顾客。",
    toldLater: "会话恢复后会立即告知顾客。",
    flash: "有人在等待",
    moods: MOODS.zh,
    calls: (count) => `${count} 位顾客等待回复`,
    newWaiting: (name) => `${name} 正在排队`,
  },
};

const REASONS = {
  asked_for: ["Asked for a person", "顾客要求人工"],
  angry: ["Stayed angry", "顾客一直很生气"],
  not_understood: ["Was not understood", "助手没有听懂"],
  safety: ["Somebody may be in danger", "可能有人身安全风险"],
  approval: ["Needs an approval", "需要审批"],
  other: ["Needs a person", "需要人工处理"],
};

/** Why a conversation was handed over, from what its ticket says: a word in brackets, then what the customer wrote. */
export function reasonWords(reason, words, language) {
  const [, word, said] = /^\[(\w+)\]\s*(.*)$/su.exec(reason ?? "") ?? [];
  if (!word) return "";
  const why = (REASONS[word] ?? REASONS.other)[language === "zh" ? 1 : 0];
  return said ? `${why}${language === "zh" ? "。" : ". "}${words.wrote(said)}` : why;
}

/** A span of time in short. @param {number} ms @param {string} locale */
export function span(ms, locale) {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  const [value, unit] = minutes < 60 ? [Math.max(1, minutes), "minute"] : minutes < 1_440 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1_440), "day"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: locale.startsWith("zh") ? "long" : "short" }).format(value);
}

/** What a customer is called: their name, or a part of their id. @param {any} one @param {any} words */
export function called(one, words) {
  return one.name || words.visitor(String(one.customer ?? "").replace(/^v_/u, "").slice(0, 6));
}
