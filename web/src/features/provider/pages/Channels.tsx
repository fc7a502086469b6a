import type { ChannelView } from "@api/types.gen";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { Button, Chip, Empty, Loaded, Page as Frame, SidePage } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useLanguage, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Provider, useProviders } from "../api.ts";
import { NewProvider } from "../components/ProviderForm.tsx";
import { ProviderTable } from "../components/ProviderTable.tsx";

/** Every channel with its providers, in the order in which they are tried. */
export function Page() {
  const t = useText("provider");
  const names = useNames();
  const language = useLanguage();
  const navigate = useNavigate();
  const [adding, setAdding] = useState<ChannelView>();
  const kinds = names.channels.filter((each) => each.channel !== "inbox");
  return (
    <Frame title={t("title")}>
      <p className="b-hint">{t("orderNote")}</p>
      <Loaded query={useProviders()}>
        {(providers) => (
          <>
            {kinds.length === 0 && <Empty text={t("none")} />}
            {kinds.map((each) => (
              <Channel key={each.kind} channel={each} providers={providers.filter((of) => of.kind === each.kind)} onAdd={() => setAdding(each)} />
            ))}
          </>
        )}
      </Loaded>
      <SidePage open={adding !== undefined} title={t("addTo", { channel: adding?.labels[language] })} onClose={() => setAdding(undefined)}>
        {adding && <NewProvider channel={adding} onClose={() => setAdding(undefined)} onMade={(id) => void navigate({ to: `/platform/channels/${id}` as "." })} />}
      </SidePage>
    </Frame>
  );
}

function Channel({ channel, providers, onAdd }: { channel: ChannelView; providers: Provider[]; onAdd: () => void }) {
  const t = useText("provider");
  const id = useId();
  const can = useCan();
  const language = useLanguage();
  const name = channel.labels[language] ?? channel.kind;
  return (
    <section className="b-sheet b-form" aria-labelledby={id}>
      <div className="b-inline">
        <h2 id={id}>{name}</h2>
        <Chip tone={channel.available ? "good" : "neutral"}>{channel.available ? t("offered") : t("notOffered")}</Chip>
        {can("provider.create") && <Button size="small" aria-label={t("addTo", { channel: name })} onClick={onAdd}>{t("add")}</Button>}
      </div>
      {channel.help[language] && <p className="b-hint">{channel.help[language]}</p>}
      {providers.length === 0 ? <p>{t("empty")}</p> : <ProviderTable providers={providers} label={name} />}
    </section>
  );
}
