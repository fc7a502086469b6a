import { Modal } from "antd";
import { useEffect, useState } from "react";
import { Switch } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { choose, useSettings } from "../settings.ts";

const keys = [
  ["?", "help"],
  ["/", "search"],
  ["j", "down"],
  ["k", "up"],
  ["x", "select"],
  ["o", "open"],
  ["e", "read"],
  ["#", "delete"],
] as const;

/** Whether a key goes to something that takes text. */
const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** "?" lists the keys, "/" goes to the search. Single keys can be switched off. */
export function Keys() {
  const t = useText("app");
  const settings = useSettings();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") setOpen(true);
      if (event.key === "/" && settings.keys) {
        const search = document.querySelector<HTMLInputElement>("[data-search] input, input[data-search]");
        if (search) event.preventDefault();
        search?.focus();
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [settings.keys]);
  return (
    <Modal open={open} title={t("keys.title")} footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
      <dl className="b-keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`keys.${what}`)}</dd>
          </div>
        ))}
      </dl>
      <Switch checked={settings.keys} onChange={(on) => choose({ keys: on })} aria-label={settings.keys ? t("keys.on") : t("keys.off")} /> {settings.keys ? t("keys.on") : t("keys.off")}
    </Modal>
  );
}
