import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  accountLanguage: "跟随账号",
  changePassword: "修改密码",
  current: "当前密码",
  displayName: "显示名称",
  language: "消息语言",
  languageHint: "发给您的消息使用此语言；控制台界面语言另行设置。",
  nameHint: "您的登录名为 {{name}}。",
  new: "新密码",
  newHint: "修改后您的其他会话会结束。",
  passwordChanged: "密码已修改",
  popups: "新消息弹窗提示",
  popupsHint: "在您正在查看的标签页右下角弹出。",
  save: "保存",
  saved: "已保存",
} satisfies Same<typeof texts>;
