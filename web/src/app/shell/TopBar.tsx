import { useState } from "react";
import { Button, Icon, Link } from "@/components/ui";
import { useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNarrow } from "@/lib/narrow";
import { useBrand } from "@/lib/site";
import { Bell } from "./Bell.tsx";
import { MenuDrawer } from "./Navigation.tsx";
import { PersonMenu } from "./PersonMenu.tsx";

/** The bar at the top: brand, account, bell, person. */
export function TopBar() {
  const t = useText("app");
  const { account } = useProfile();
  const narrow = useNarrow();
  const brand = useBrand();
  const [open, setOpen] = useState(false);
  return (
    <header className="b-top">
      {narrow && (
        <>
          <Button type="text" icon={<Icon name="menu" />} aria-label={t("openMenu")} aria-expanded={open} onClick={() => setOpen(true)} />
          <MenuDrawer open={open} onClose={() => setOpen(false)} />
        </>
      )}
      <Link to="/" className="b-brand">
        <img src={brand.logo || "/console/icon.svg"} alt="" width="24" height="24" />
        <span>{brand.name}</span>
      </Link>
      <span className="b-account" title={t("accountOf", account)}>
        {account.name}
      </span>
      <Bell />
      <PersonMenu />
    </header>
  );
}
