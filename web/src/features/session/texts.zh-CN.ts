import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  account: "账号",
  cookieDropped: "浏览器没有保存会话：请通过 https 访问，或在本机访问。",
  language: "语言",
  name: "用户名",
  password: "密码",
  signIn: "登录",
  support: "帮助：",
  title: "登录 {{name}}",
  tooMany: "尝试次数过多。",
  tryAgain: "现在可以重试。",
  wait_one: "请等待 {{count}} 秒",
  wait_other: "请等待 {{count}} 秒",
  wrong: "账号、用户名或密码不正确。",
} satisfies Same<typeof texts>;
