import type { ErrorComponentProps } from "@tanstack/react-router";
import { Failure, Page } from "@/components/ui";
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
