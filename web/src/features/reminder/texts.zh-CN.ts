import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  after: "下个月",
  before: "上个月",
  change: "修改接收人",
  chip_one: "{{count}} 个到期提醒 → {{people}} 人",
  chip_other: "{{count}} 个到期提醒 → {{people}} 人",
  chipInbox_one: "{{count}} 个到期提醒 → 仅站内信",
  chipInbox_other: "{{count}} 个到期提醒 → 仅站内信",
  completeUntil: "该账号资源很多，日历完整至",
  endsAt: "截止",
  held: "暂缓至",
  inbox: "账号站内信",
  merged: "并入消息“{{type}}”",
  more_one: "另有 {{count}} 个",
  more_other: "另有 {{count}} 个",
  nothing: "本月没有提醒。",
  nothingThatDay: "当天没有提醒。",
  recipients: "接收人",
  resources_one: "{{count}} 个资源",
  resources_other: "{{count}} 个资源",
  title: "提醒",
  today: "今天",
  toResources: "全部资源",
} satisfies Same<typeof texts>;
