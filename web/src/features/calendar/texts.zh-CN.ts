import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  about: "日历软件可通过一个地址读取即将到来的提醒。知道地址的人都能读取：请为每个人单独生成，离开时撤销。",
  address: "订阅地址",
  create: "生成地址",
  delete: "撤销",
  deleteTitle: "撤销“{{name}}”？",
  deleteEffect: "该地址立即失效，读取它的日历不再显示提醒。",
  empty: "尚无日历订阅。",
  made: "地址生成时间",
  name: "名称",
  nameHint: "供谁的日历使用",
  rotate: "更换地址",
  rotateTitle: "为“{{name}}”更换地址？",
  rotateEffect: "旧地址立即失效，需要在日历中重新订阅。",
  subscribe: "订阅",
  title: "日历订阅",
} satisfies Same<typeof texts>;
