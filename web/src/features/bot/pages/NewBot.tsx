import "../bot.css";
import { useState } from "react";
import { Button, Empty, Form, Icon, Link, Page as Frame, SecretOnce, useForm } from "@/components/ui";
import type { BotOutBody, ChannelView } from "@api/types.gen";
import { useLanguage, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { createBot, useReread } from "../api.ts";
import { BotFields } from "../components/BotFields.tsx";
import { bodyOf, initialOf } from "../components/fields.ts";
import { TestBot } from "../components/TestBot.tsx";

/** A bot in four steps: platform, settings, test, types. */
export function Page() {
  const t = useText("bot");
  const names = useNames();
  const [channel, setChannel] = useState<ChannelView>();
  const [bot, setBot] = useState<BotOutBody>();
  const [secret, setSecret] = useState<string>();
  const made = (out: BotOutBody) => {
    setBot(out);
    setSecret(Object.values(out.generated ?? {}).join(" ") || undefined);
  };
  return (
    <Frame title={t("add")} tools={<Link to="/bots">{t("title")}</Link>}>
      {!channel && <Platforms channels={names.channels.filter((each) => each.bots)} onChoose={setChannel} />}
      {channel && !bot && <Settings channel={channel} onMade={made} onBack={() => setChannel(undefined)} />}
      {bot && (
        <section className="b-form b-sheet">
          <h2>{t("made", { name: bot.name })}</h2>
          <p>{t("testNext")}</p>
          <TestBot id={bot.id} />
          <p>{t("typesNext")}</p>
          <div className="b-form-buttons">
            <Link to="/subscriptions" className="b-button">{t("chooseTypes")}</Link>
            <Link to={`/bots/${bot.id}`}>{t("toBot")}</Link>
          </div>
        </section>
      )}
      <SecretOnce secret={secret} title={t("secretTitle")} onClose={() => setSecret(undefined)} />
    </Frame>
  );
}

function Platforms({ channels, onChoose }: { channels: ChannelView[]; onChoose: (channel: ChannelView) => void }) {
  const t = useText("bot");
  const names = useNames();
  const language = useLanguage();
  if (channels.length === 0) return <Empty text={t("noPlatforms")} />;
  return (
    <section aria-label={t("platform")}>
      <p className="b-hint">{t("platformNote")}</p>
      <ul className="b-platforms">
        {channels.map((each) => (
          <li key={each.channel}>
            <button type="button" className="b-card" aria-disabled={!each.available || undefined} onClick={() => each.available && onChoose(each)}>
              <strong>{names.channel(each.channel)}</strong>
              <span className="b-hint">{each.help[language]}</span>
              {!each.available && (
                <span className="b-hint">
                  <Icon name="lock" /> {t("unavailable")}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Settings({ channel, onMade, onBack }: { channel: ChannelView; onMade: (bot: BotOutBody) => void; onBack: () => void }) {
  const t = useText("bot");
  const names = useNames();
  const language = useLanguage();
  const reread = useReread();
  const form = useForm({
    initial: initialOf(channel.bot_fields),
    send: (values, sent) => createBot(channel.channel, bodyOf(values, channel.bot_fields, true), sent),
    done: (bot) => {
      reread();
      onMade(bot);
    },
  });
  return (
    <div className="b-guided">
      <aside className="b-note">
        <h2>{names.channel(channel.channel)}</h2>
        <p>{channel.help[language]}</p>
        <dl>
          {channel.bot_fields.map((field) => (
            <div key={field.name}>
              <dt>{field.labels[language] ?? field.name}</dt>
              <dd>{field.help[language]}</dd>
            </div>
          ))}
        </dl>
        <Button onClick={onBack}>{t("otherPlatform")}</Button>
      </aside>
      <section className="b-sheet">
        <Form form={form} action={t("saveAndTest")}>
          <BotFields form={form} fields={channel.bot_fields} />
        </Form>
      </section>
    </div>
  );
}
