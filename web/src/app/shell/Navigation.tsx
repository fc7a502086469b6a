import { Drawer } from "antd";
import { useLocation } from "@tanstack/react-router";
import { Link } from "@/components/ui";
import { useCan, useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNarrow } from "@/lib/narrow";
import { menu, visible } from "../menu.ts";
import { routes } from "../routes.ts";

/** The main menu: what exists and what the rights allow. */
function MainMenu({ onChoose }: { onChoose?: () => void }) {
  const t = useText("app");
  const can = useCan();
  const { kind } = useProfile();
  const { pathname } = useLocation();
  const entries = visible(menu, routes, can, kind === "operator");
  const here = pathname.replace(/^\/console/, "");
  const current = entries.filter((entry) => here === entry.to || (entry.to !== "/" && here.startsWith(`${entry.to}/`))).sort((a, b) => b.to.length - a.to.length)[0];
  return (
    <nav aria-label={t("mainMenu")} className="b-menu">
      <ul>
        {entries.map((entry) => (
          <li key={entry.to}>
            <Link to={entry.to} onClick={onChoose} {...(entry === current && { "aria-current": "page" as const })}>
              {t(`menu.${entry.name}` as "menu.inbox")}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The menu at the left; on a phone it is a drawer. */
export function Navigation() {
  return useNarrow() ? null : <MainMenu />;
}

export function MenuDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText("app");
  return (
    <Drawer open={open} onClose={onClose} placement="left" size={280} title={t("mainMenu")} destroyOnHidden>
      <MainMenu onChoose={onClose} />
    </Drawer>
  );
}
