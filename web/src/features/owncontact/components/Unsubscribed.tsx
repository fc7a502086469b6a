import { Button, Failure, Loaded, Switch } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useSetUnsubscribed, useUnsubscribed } from "../api.ts";

/** What the reader ended by a link in a mail, or here; nobody else can take it back. */
export function Unsubscribed() {
  const t = useText("owncontact");
  const can = useCan();
  const names = useNames();
  const query = useUnsubscribed(can("my_contact.unsubscribed"));
  const write = useSetUnsubscribed();
  const may = can("my_contact.set_unsubscribed");
  return (
    <section className="b-unsubscribed">
      <h2>{t("unsubscribed")}</h2>
      <Loaded query={query}>
        {(data) => (
          <>
            <p className="b-proof">
              <Switch aria-label={t("marketing")} checked={!data.marketing} disabled={!may} loading={write.busy} onChange={(wanted) => write.run({ ...data, marketing: !wanted })} /> {t("marketing")}
            </p>
            <ul>
              {data.types.map((type) => (
                <li key={type} className="b-proof">
                  {names.type(type)}
                  {may && <Button size="small" loading={write.busy} onClick={() => write.run({ ...data, types: data.types.filter((each) => each !== type) })}>{t("again")}</Button>}
                </li>
              ))}
            </ul>
            {data.types.length === 0 && <p className="b-hint">{t("nothingEnded")}</p>}
            {write.problem && <Failure error={write.problem} />}
          </>
        )}
      </Loaded>
    </section>
  );
}
