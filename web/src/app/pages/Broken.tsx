import type { ErrorComponentProps } from "@tanstack/react-router";
import { Empty, Failure, Link, Page } from "@/components/ui";
import { useText } from "@/lib/i18n";

/** What a page shows that broke: the rest of the console goes on. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const t = useText("app");
  return (
    <Page title={t("broken")}>
      <Failure error={error} retry={reset} />
    </Page>
  );
}

/** An address below /console where no page is. */
export function NotHere() {
  const t = useText("app");
  return (
    <Page title={t("notHere.title")}>
      <Empty text={t("notHere.text")}>
        <Link to="/">{t("toStart")}</Link>
      </Empty>
    </Page>
  );
}
