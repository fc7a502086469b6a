import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Dialog, Facts, Failure, Link, Loaded, Page as Frame, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Provider, useDelete, useEnable, useProvider, useResume } from "../api.ts";
import { Health } from "../components/Health.tsx";
import { EditProvider } from "../components/ProviderForm.tsx";
import { TestProvider } from "../components/TestProvider.tsx";

/** One provider: how it does, a test, its settings. */
export function Page() {
  const t = useText("provider");
  const { provider: id } = useParams({ strict: false }) as { provider: string };
  const query = useProvider(id);
  return (
    <Frame title={query.data?.name ?? t("provider")} tools={<Link to="/platform/channels">{t("title")}</Link>}>
      <Loaded query={query}>{(provider) => <Opened provider={provider} />}</Loaded>
    </Frame>
  );
}

function Opened({ provider }: { provider: Provider }) {
  const t = useText("provider");
  const can = useCan();
  const names = useNames();
  const [round, setRound] = useState(0);
  const channel = names.channels.find((each) => each.kind === provider.kind);
  return (
    <>
      <section className="b-sheet b-form" aria-label={t("state")}>
        <State provider={provider} />
        <Tools provider={provider} />
      </section>
      {can("provider.test") && (
        <section className="b-sheet b-form" aria-labelledby="provider-test">
          <h2 id="provider-test">{t("testTitle")}</h2>
          <TestProvider provider={provider} />
        </section>
      )}
      {can("provider.update") && channel && (
        <section className="b-sheet b-form" aria-labelledby="provider-edit">
          <h2 id="provider-edit">{t("edit")}</h2>
          <EditProvider key={round} provider={provider} channel={channel} onSaved={() => setRound((now) => now + 1)} />
        </section>
      )}
      {can("operation.list") && <Link to={`/operations?object_id=${provider.id}`}>{t("log")}</Link>}
    </>
  );
}

function State({ provider }: { provider: Provider }) {
  const t = useText("provider");
  const names = useNames();
  const { health } = provider;
  const at = (when: string | null | undefined) => when && <TimeAt key={when} at={when} />;
  return (
    <Facts
      items={[
        [t("channel"), names.channel(provider.channel)],
        [t("kind"), provider.kind],
        [t("state"), <Health key="health" provider={provider} />],
        [t("suspendedAt"), at(health.suspended_at)],
        [t("pausedUntil"), at(health.paused_until)],
        [t("lastSuccess"), at(health.last_success_at) || t("never")],
        [t("lastFailure"), at(health.last_failure_at)],
        [t("created"), at(provider.created_at)],
      ]}
    />
  );
}

function Tools({ provider }: { provider: Provider }) {
  const t = useText("provider");
  const can = useCan();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const resume = useResume(provider.id);
  const enable = useEnable(provider);
  const remove = useDelete(() => void navigate({ to: "/platform/channels" as "." }));
  const problem = resume.problem ?? enable.problem ?? remove.problem;
  const suspended = provider.health.state === "suspended";
  return (
    <>
      {suspended && <p>{t("resumeNote")}</p>}
      {problem && <Failure error={problem} />}
      <div className="b-form-buttons">
        {suspended && can("provider.resume") && <Button type="primary" loading={resume.busy} onClick={() => resume.run(null)}>{t("resume")}</Button>}
        {can("provider.update") && <Button loading={enable.busy} onClick={() => enable.run(!provider.enabled)}>{provider.enabled ? t("disable") : t("enable")}</Button>}
        {can("provider.delete") && <Button danger onClick={() => setAsking(true)}>{t("delete")}</Button>}
      </div>
      <Dialog open={asking} title={t("deleteTitle", { name: provider.name })} action={t("delete")} danger busy={remove.busy} onAction={() => (setAsking(false), remove.run(provider.id))} onCancel={() => setAsking(false)}>
        {t("deleteEffect")}
      </Dialog>
    </>
  );
}
