import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  all: "全部分类",
  daysOf: "{{n}} 天",
  forEver: "永久",
  messages: "收件箱中的消息（无论是否已读）",
  note: "天数为 7 至 3,650；0 表示永久保留。留空的分类按“全部分类”。到期内容每天清理一次。",
  notifications: "通知及其投递记录、公告：从结束时起算",
  save: "保存",
  saved: "已保存",
  title: "保留时间",
} satisfies Same<typeof texts>;
