import { type ReactNode, Suspense } from "react";
import { Empty, Link, Loading, Page } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";

/** A page for those who may see it; others are told which right is missing, and who gives it. */
export function Guarded({ needs, children }: { needs: string; children: ReactNode }) {
  const can = useCan();
  const t = useText("app");
  if (can(needs)) return <Suspense fallback={<Loading />}>{children}</Suspense>;
  return (
    <Page title={t("noRight.title")}>
      <Empty text={t("noRight.text", { action: needs })}>
        <Link to="/">{t("toStart")}</Link>
      </Empty>
    </Page>
  );
}
