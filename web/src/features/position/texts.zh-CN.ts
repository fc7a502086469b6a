import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  add: "添加职位",
  en: "英文",
  key: "键",
  note: "联系人按此顺序选择职位。已被联系人使用的职位不能移除。",
  remove: "移除",
  removeOf: "移除 {{name}}",
  save: "保存",
  saved: "已保存",
  title: "职位",
  up: "上移",
  upOf: "{{name}}：上移",
  zh: "中文",
} satisfies Same<typeof texts>;
