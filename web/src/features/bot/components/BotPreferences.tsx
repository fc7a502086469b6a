import type { PreferencesBody, PreferencesView } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { Field, Form, Input, Loaded, useEdit, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Bot, readPreferences, setPreferences, usePreferences } from "../api.ts";

/** Words one a line, and the number as typed. */
export interface Words {
  allow_words: string;
  deny_words: string;
  max_per_hour: string;
}

export const wordsOf = (view: PreferencesView): Words => ({ allow_words: view.allow_words.join("\n"), deny_words: view.deny_words.join("\n"), max_per_hour: String(view.max_per_hour) });

const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

export const preferencesBody = (change: Partial<Words>): PreferencesBody => ({
  ...(change.allow_words !== undefined && { allow_words: lines(change.allow_words) }),
  ...(change.deny_words !== undefined && { deny_words: lines(change.deny_words) }),
  ...(change.max_per_hour !== undefined && { max_per_hour: Number(change.max_per_hour) }),
});

/** Which texts a bot gets, and how many an hour. */
export function BotPreferences({ bot }: { bot: Bot }) {
  return <Loaded query={usePreferences(bot.id)}>{(view) => <Edit id={bot.id} view={view} />}</Loaded>;
}

function Edit({ id, view }: { id: string; view: PreferencesView }) {
  const t = useText("bot");
  const can = useCan();
  const client = useQueryClient();
  const notify = useNotify();
  const { form, conflict } = useEdit<Words, PreferencesView>({
    current: view,
    values: wordsOf,
    send: (change, { headers }) => setPreferences({ path: { id }, body: preferencesBody(change), headers }),
    read: () => readPreferences(id),
    done: () => {
      void client.invalidateQueries({ queryKey: ["bot", "preferences", id] });
      notify.done(t("saved"));
    },
  });
  if (!can("bot.set_preferences")) {
    return (
      <dl className="b-facts">
        {(["allow_words", "deny_words", "max_per_hour"] as const).map((field) => (
          <div key={field}>
            <dt>{t(field)}</dt>
            <dd>{wordsOf(view)[field].replaceAll("\n", ", ") || "–"}</dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    <>
      <Form form={form} action={t("save")} disabled={!form.dirty}>
        {(["allow_words", "deny_words"] as const).map((field) => (
          <Field key={field} form={form} pointer={`#/${field}`} label={t(field)} hint={t("oneALine")}>
            {(control) => <Input.TextArea {...control} rows={3} value={form.values[field]} onChange={(event) => form.set({ [field]: event.target.value })} />}
          </Field>
        ))}
        <Field form={form} pointer="#/max_per_hour" label={t("max_per_hour")} hint={t("zero")}>
          {(control) => <Input {...control} type="number" min={0} value={form.values.max_per_hour} onChange={(event) => form.set({ max_per_hour: event.target.value })} />}
        </Field>
      </Form>
      {conflict}
    </>
  );
}
