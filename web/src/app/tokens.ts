import { type ThemeConfig, theme } from "antd";

/** Light and dark, with colours that are readable: antd's own fall short of 4.5:1. */
const light: ThemeConfig = {
  algorithm: theme.defaultAlgorithm,
  token: {
    colorPrimary: "#0958d9", colorLink: "#0958d9", colorInfo: "#0958d9", colorError: "#cf1322", colorWarning: "#874d00", colorSuccess: "#237804",
    colorPrimaryHover: "#0747b0", colorLinkHover: "#0747b0", colorErrorHover: "#a8071a",
    colorTextPlaceholder: "#6b6b6b", colorTextTertiary: "#5c5c5c", colorTextDescription: "#5c5c5c", colorTextQuaternary: "#6b6b6b", colorTextDisabled: "#6b6b6b",
  },
};

const dark: ThemeConfig = {
  algorithm: theme.darkAlgorithm,
  token: {
    colorPrimary: "#1668dc", colorLink: "#69a9f2", colorInfo: "#69a9f2", colorError: "#ff7875", colorWarning: "#e8b339", colorSuccess: "#6abe39",
    colorTextPlaceholder: "#a0a0a0", colorTextTertiary: "#adadad", colorTextDescription: "#adadad", colorTextQuaternary: "#a0a0a0", colorTextDisabled: "#a0a0a0",
  },
  components: {
    Button: { dangerColor: "#141414", defaultHoverColor: "#69a9f2", defaultHoverBorderColor: "#69a9f2", defaultActiveColor: "#69a9f2" },
    Menu: { itemSelectedColor: "#9cc5f7", itemColor: "#d9d9d9" },
    Tabs: { itemSelectedColor: "#69a9f2", itemActiveColor: "#69a9f2", itemHoverColor: "#9cc5f7", inkBarColor: "#69a9f2" },
  },
};

/** The look of the console. */
export function tokens(isDark: boolean, still: boolean): ThemeConfig {
  const chosen = isDark ? dark : light;
  return {
    ...chosen,
    token: { ...chosen.token, motion: !still, controlHeight: 32, controlHeightSM: 26, borderRadius: 4, fontFamily: "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif" },
  };
}

/** The tokens that our own style sheets use, under the names that antd gives them. */
const shared = {
  "color-text": "colorText", "color-text-secondary": "colorTextSecondary", "color-text-tertiary": "colorTextTertiary", "color-bg-container": "colorBgContainer", "color-bg-layout": "colorBgLayout",
  "color-bg-elevated": "colorBgElevated", "color-border": "colorBorder", "color-border-secondary": "colorBorderSecondary", "color-fill-tertiary": "colorFillTertiary", "color-fill-secondary": "colorFillSecondary",
  "color-primary": "colorPrimary", "color-link": "colorLink", "color-error": "colorError", "color-error-bg": "colorErrorBg", "color-warning": "colorWarning", "color-warning-bg": "colorWarningBg", "color-success": "colorSuccess",
  "color-success-bg": "colorSuccessBg", "color-info": "colorInfo", "color-info-bg": "colorInfoBg",
} as const;

/** Hands the tokens to our own style sheets, as --ant-* of the whole page. */
export function publish(token: ReturnType<typeof theme.useToken>["token"], isDark: boolean): void {
  const { style } = document.documentElement;
  style.colorScheme = isDark ? "dark" : "light";
  for (const [name, key] of Object.entries(shared)) style.setProperty(`--ant-${name}`, String(token[key]));
}
