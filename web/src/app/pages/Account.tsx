import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Link, Loaded, Page as Frame } from "@/components/ui";
import { type Detail, useAccount } from "@/features/account/api.ts";
import { AccountFacts, EditAccount, RootPassword } from "@/features/account/components/AccountPanels.tsx";
import { OfUser } from "@/features/usercontact/components/EditDetails.tsx";
import { RecipientList } from "@/features/usercontact/components/RecipientList.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { Panel } from "./Panel.tsx";

/** One account as an operator sees it: limits, root user, contacts of its users. */
export function Page() {
  const t = useText("account");
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useAccount(id);
  return (
    <Frame title={query.data?.name ?? t("title")} tools={<Link to="/platform/accounts">{t("title")}</Link>}>
      <Loaded query={query}>{(account) => <Opened account={account} />}</Loaded>
    </Frame>
  );
}

function Opened({ account }: { account: Detail }) {
  const t = useText("account");
  const of = useText("usercontact");
  const can = useCan();
  const [round, setRound] = useState(0);
  return (
    <>
      <Panel title={t("edit")}>
        <AccountFacts account={account} />
        {can("account.update") && <EditAccount key={round} account={account} onSaved={() => setRound((now) => now + 1)} />}
        {can("operation.list") && <Link to={`/operations?object_id=${account.id}`}>{t("log")}</Link>}
      </Panel>
      {can("account.reset_root") && (
        <Panel title={t("rootUser")}>
          <RootPassword account={account} />
        </Panel>
      )}
      {can("user_contact.list") && (
        <Panel title={t("users")}>
          <RecipientList filter={{ account_id: account.id }} />
        </Panel>
      )}
      {can("user_contact.get") && can("user_contact.update") && (
        <Panel title={of("ofUser")}>
          <OfUser account={account.id} />
        </Panel>
      )}
    </>
  );
}
