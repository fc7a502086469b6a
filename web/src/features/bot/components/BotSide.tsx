import { useState, type ReactNode } from "react";
import { Button, changedBody, Confirmation, Dialog, Failure, Form, Link, Loaded, ObjectLog, PanelTabs, RecentDeliveries, SecretOnce, SidePage, TimeAt, useEdit, useFilters, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Bot, readBot, updateBot, useBot, useDelete, useEnable, useReread, useResume, useRotate, useTypesOf } from "../api.ts";
import { BotFields } from "./BotFields.tsx";
import { BotPreferences } from "./BotPreferences.tsx";
import { bodyOf, type BotValues, initialOf } from "./fields.ts";
import { Health } from "./Health.tsx";
import { TestBot } from "./TestBot.tsx";

const tabs = ["details", "edit", "types", "deliveries", "preferences", "log"] as const;
type Tab = (typeof tabs)[number];
const schema = { tab: tabs };

/** One bot, beside the list. */
export function BotSide({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText("bot");
  const query = useBot(id);
  return (
    <SidePage open title={query.data?.name ?? t("bot")} onClose={onClose}>
      <Loaded query={query}>{(bot) => <Sides bot={bot} onClose={onClose} />}</Loaded>
    </SidePage>
  );
}

function Sides({ bot, onClose }: { bot: Bot; onClose: () => void }) {
  const t = useText("bot");
  const can = useCan();
  const { filters, set } = useFilters(schema);
  const show = (tab: Tab) => set({ tab: tab === "details" ? "" : tab });
  const items: { key: Tab; label: string; may: boolean; children: ReactNode }[] = [
    { key: "details", label: t("tab.details"), may: true, children: <Details bot={bot} onClose={onClose} /> },
    { key: "edit", label: t("edit"), may: can("bot.update"), children: <Edit bot={bot} onDone={() => show("details")} /> },
    { key: "types", label: t("tab.types"), may: can("subscription.list"), children: <Types id={bot.id} /> },
    { key: "deliveries", label: t("tab.deliveries"), may: can("delivery.list"), children: <RecentDeliveries of={{ bot_id: bot.id }} /> },
    { key: "preferences", label: t("tab.preferences"), may: can("bot.preferences"), children: <BotPreferences bot={bot} /> },
    { key: "log", label: t("tab.log"), may: can("operation.list"), children: <ObjectLog id={bot.id} /> },
  ];
  const shown = items.filter((each) => each.may);
  return <PanelTabs label={bot.name} active={shown.find((each) => each.key === filters.tab)?.key ?? "details"} onChange={show} items={shown} />;
}

function Details({ bot, onClose }: { bot: Bot; onClose: () => void }) {
  const t = useText("bot");
  const can = useCan();
  const names = useNames();
  const { health } = bot;
  return (
    <div className="b-form">
      <dl className="b-facts">
        <dt>{t("channel")}</dt>
        <dd>{names.channel(bot.channel)}</dd>
        <dt>{t("state")}</dt>
        <dd>
          <Health bot={bot} />
        </dd>
        <dt>{t("host")}</dt>
        <dd>{bot.hint}</dd>
        <dt>{t("lastSuccess")}</dt>
        <dd>{health.last_success_at ? <TimeAt at={health.last_success_at} /> : t("never")}</dd>
        {health.failing_since && (
          <>
            <dt>{t("failingSince")}</dt>
            <dd>
              <TimeAt at={health.failing_since} />
            </dd>
          </>
        )}
        {health.last_failure_at && (
          <>
            <dt>{t("lastFailure")}</dt>
            <dd>
              <TimeAt at={health.last_failure_at} />
            </dd>
          </>
        )}
      </dl>
      {can("bot.test") && <TestBot id={bot.id} />}
      <Tools bot={bot} onClose={onClose} />
    </div>
  );
}

/** What can be done to a bot beside its settings. */
function Tools({ bot, onClose }: { bot: Bot; onClose: () => void }) {
  const t = useText("bot");
  const can = useCan();
  const names = useNames();
  const notify = useNotify();
  const [asking, setAsking] = useState<"delete" | "rotate">();
  const [secret, setSecret] = useState<string>();
  const enable = useEnable(bot);
  const resume = useResume(bot.id);
  const remove = useDelete(onClose);
  const rotate = useRotate(bot, (made) => {
    setAsking(undefined);
    if (made) setSecret(made);
    else notify.done(t("rotated"));
  });
  const problem = enable.problem ?? resume.problem ?? remove.problem ?? rotate.problem;
  const mayRotate = names.channels.find((each) => each.channel === bot.channel)?.bot_fields.some((field) => field.secret && field.generated);
  return (
    <>
      {problem && <Failure error={problem} />}
      <div className="b-form-buttons">
        {can("bot.resume") && bot.health.state === "suspended" && <Button type="primary" loading={resume.busy} onClick={() => resume.run(null)}>{t("resume")}</Button>}
        {can("bot.update") && <Button loading={enable.busy} onClick={() => enable.run(!bot.enabled)}>{bot.enabled ? t("disable") : t("enable")}</Button>}
        {can("bot.rotate_secret") && mayRotate && <Button onClick={() => setAsking("rotate")}>{t("rotate")}</Button>}
        {can("bot.delete") && <Button danger onClick={() => setAsking("delete")}>{t("delete")}</Button>}
      </div>
      <Dialog open={asking === "delete" && !remove.question} title={t("deleteOne", { name: bot.name })} action={t("delete")} danger busy={remove.busy} onAction={() => remove.run(bot.id)} onCancel={() => setAsking(undefined)}>
        {t("deleteEffect")}
      </Dialog>
      <Dialog open={asking === "rotate"} title={t("rotate")} action={t("rotate")} busy={rotate.busy} onAction={() => rotate.run(86_400)} onCancel={() => setAsking(undefined)}>
        {t("rotateNote")}
      </Dialog>
      <Confirmation write={remove} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
      <SecretOnce secret={secret} title={t("secretTitle")} onClose={() => setSecret(undefined)} />
    </>
  );
}

function Edit({ bot, onDone }: { bot: Bot; onDone: () => void }) {
  const t = useText("bot");
  const names = useNames();
  const reread = useReread();
  const fields = names.channels.find((each) => each.channel === bot.channel)?.bot_fields ?? [];
  const { form, conflict } = useEdit<BotValues, Bot>({
    current: bot,
    values: (of) => initialOf(fields, of),
    send: (change, sent, all) => updateBot(bot.id, changedBody(bodyOf(all, fields, false), change), sent),
    read: () => readBot(bot.id),
    done: () => {
      reread();
      onDone();
    },
  });
  return (
    <>
      <Form form={form} action={t("save")} onCancel={onDone} disabled={!form.dirty}>
        <BotFields form={form} fields={fields} bot={bot} />
      </Form>
      {conflict}
    </>
  );
}

function Types({ id }: { id: string }) {
  const t = useText("bot");
  const names = useNames();
  const types = useTypesOf(id) ?? [];
  return (
    <>
      <p className="b-hint">{types.length === 0 ? t("getsNothing") : t("gets", { count: types.length })}</p>
      <ul className="b-lines">
        {types.map((type) => (
          <li key={type}>
            <Link to={`/subscriptions/${type}`}>{names.type(type)}</Link>
          </li>
        ))}
      </ul>
      <p>
        <Link to="/subscriptions">{t("chooseTypes")}</Link>
      </p>
    </>
  );
}
