/**
 * What waits for a person's word, in words: what is to be done, with what, and why a person is asked.
 */

const DEEDS = {
  request_refund: ["Refund", "退款"],
  issue_coupon: ["Coupon", "优惠券"],
};

const WHYS = {
  refund_over_limit: ["Above what is refunded alone", "超出自动退款额度"],
  many_refunds: ["Many refunds lately", "近期退款较多"],
  further_piece: ["Another piece of an item refunded before", "同一商品的另一件，之前已退过款"],
  goodwill: ["Out of goodwill", "主动补偿"],
};

const NAMES = {
  order: ["Order", "订单"],
  parcel: ["Parcel", "包裹"],
  item: ["Item", "商品"],
  quantity: ["Pieces", "件数"],
  reason: ["Reason", "原因"],
  note: ["Note", "备注"],
  further: ["Another piece", "另一件"],
};

const REASONS = {
  damaged: ["arrived damaged", "收到时破损"],
  wrong_item: ["wrong item", "发错商品"],
  missing_item: ["item missing", "少件"],
  not_received: ["not received", "未收到"],
  lost: ["lost on the way", "运输途中丢失"],
  delay: ["late parcel", "物流延误"],
  goodwill: ["goodwill", "主动补偿"],
};

/** A word of the contract in the desk's language; one that is new reads as it is. */
const said = (words, key, language) => words[key]?.[language === "zh" ? 1 : 0] ?? String(key).replaceAll("_", " ");

/** @param {string} tool @param {string} language */
export const deedWords = (tool, language) => said(DEEDS, tool, language);

/** @param {string} why @param {string} language */
export const whyWords = (why, language) => said(WHYS, why, language);

/** @param {Record<string, any>} values The tool's arguments. @param {string} language */
export function factWords(values, language) {
  const colon = language === "zh" ? "：" : ": ";
  const place = (key) => [...Object.keys(NAMES), key].indexOf(key);
  return Object.entries(values ?? {}).filter(([, value]) => value !== "" && value !== null)
    .sort(([one], [other]) => place(one) - place(other))
    .map(([key, value]) => said(NAMES, key, language) + colon + (key === "reason" ? said(REASONS, value, language) : value)).join(" · ");
}
