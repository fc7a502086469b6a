import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  alias: "别名",
  id: "ID",
  language: "语言",
  languageHint: "未选择其他语言的人收到的消息使用此语言。",
  limits: "上限",
  limitsOf: "联系人 {{contacts}} 个，联系组 {{groups}} 个，机器人 {{bots}} 个；由运营人员调整",
  name: "账号名称",
  no: "否",
  perResource: "每个资源一条消息",
  perResourceHint: "一次提醒涉及多个资源时，收件箱为每个资源保留一条消息。",
  save: "保存",
  saved: "已保存",
  yes: "是",
  zone: "时区",
  zoneHint: "日期、提醒和免打扰时段按此时区计算。",
} satisfies Same<typeof texts>;
