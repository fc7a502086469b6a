import { App } from "antd";
import { useMemo } from "react";

/** Says what happened, at the edge of the page: notify.done("Saved"). */
export function useNotify() {
  const { message } = App.useApp();
  return useMemo(() => ({ done: (text: string) => void message.success(text), failed: (text: string) => void message.error(text) }), [message]);
}
