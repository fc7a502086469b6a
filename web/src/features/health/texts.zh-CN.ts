import type { Same } from "@/lib/i18n";
import type texts from "./texts.en-US.ts";

export default {
  brand: { name: "名称", logo: "标志", color: "浅色背景上的颜色", dark: "深色背景上的颜色", footer: "页脚", support: "支持" },
  brandNote: "属于配置（BELFRY_BRAND…），各进程启动时读取。",
  brandTitle: "品牌",
  degraded: "部分组件异常",
  failed: "异常",
  none: "无",
  ok: "所有组件正常",
  own: "Belfry 默认",
  part: { database: "数据库", storage: "存储可写", temporal: "Temporal", process: "进程" },
  partsTitle: "组件",
  providersNone: "还没有服务商：不会向外发送任何消息。",
  providersTitle: "服务商",
  title: "平台概览",
  url: "站点地址",
  version: "版本",
  works: "正常",
} satisfies Same<typeof texts>;
