import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  again: "恢复接收",
  asAccount: "跟随账号",
  code: "{{address}} 收到的验证码",
  confirm: "验证",
  effects: "此修改会影响谁收到消息",
  language: "消息语言",
  leaving: "已被替换；新地址验证前仍在使用",
  marketing: "接收活动消息",
  name: "姓名",
  next: {
    expired: "未在规定时间内验证，请重新发送。",
    failed: "服务商表示该地址不存在。请修改地址，或重新发送验证。",
    pending: "请点击消息中的链接，或在此输入验证码。",
  },
  none: "您还没有联系方式。填写后，发给您的消息才能送达。",
  nothingEnded: "您没有退订其他消息。",
  possible: "可再次发送的时间：",
  proven: "地址已验证",
  remind: "下次提醒：",
  save: "保存",
  saved: "已保存",
  sendAgain: "重新发送验证码",
  sent: "已发送",
  state: { expired: "已过期", failed: "失败", pending: "待验证", verified: "已验证", waived: "免验证" },
  tries: "还可尝试 {{n}} 次。",
  unsubscribed: "我不想接收的消息",
  zone: "时区",
  zoneHint: "免打扰时段按此时区计算。",
} satisfies Same<typeof texts>;
