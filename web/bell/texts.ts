/** The words of the bell. */
const en = {
  all: "All",
  allMessages: "All messages",
  close: "Close",
  empty: "No messages.",
  failed: "That did not work.",
  label: (n: number) => (n === 1 ? "1 unread message" : `${n} unread messages`),
  lost: "Messages: not connected",
  mark: "Mark as read",
  markAll: (n: number) => `Mark all ${n} as read`,
  messages: "Messages",
  noUnread: "Everything is read.",
  settings: "Settings",
  unread: "Unread",
};

const zh: typeof en = {
  all: "全部",
  allMessages: "全部消息",
  close: "关闭",
  empty: "暂无消息。",
  failed: "操作未成功。",
  label: (n) => `${n} 条未读消息`,
  lost: "消息：未连接",
  mark: "标为已读",
  markAll: (n) => `将全部 ${n} 条标为已读`,
  messages: "消息",
  noUnread: "没有未读消息。",
  settings: "设置",
  unread: "未读",
};

export type Texts = typeof en;

/** The words in the language that is nearest. */
export const textsOf = (language: string): Texts => (language.toLowerCase().startsWith("zh") ? zh : en);
