import { Empty, Link, Page as Frame } from "@/components/ui";
import { useText } from "@/lib/i18n";

/** An address below /console where no page is. */
export function Page() {
  const t = useText("app");
  return (
    <Frame title={t("notHere.title")}>
      <Empty text={t("notHere.text")}>
        <Link to="/">{t("toStart")}</Link>
      </Empty>
    </Frame>
  );
}
