import { useState } from "react";
import { Button, Dialog, Empty, Failure, Field, Form, Input, MoreList, SecretOnce, SidePage, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Feed, useDeleteFeed, useFeeds, useNewFeed, useRotateFeed } from "../api.ts";

/** The calendars that subscribe to the reminders: each by an address of its own, which is shown once. */
export function Feeds({ onClose }: { onClose: () => void }) {
  const t = useText("calendar");
  const can = useCan();
  const [secret, setSecret] = useState<string>();
  return (
    <SidePage open title={t("title")} onClose={onClose}>
      <div className="b-form">
        <p className="b-hint">{t("about")}</p>
        {can("calendar_feed.create") && <NewFeed onMade={setSecret} />}
        <List onMade={setSecret} />
      </div>
      <SecretOnce secret={secret} title={t("address")} onClose={() => setSecret(undefined)} />
    </SidePage>
  );
}

function NewFeed({ onMade }: { onMade: (url: string) => void }) {
  const t = useText("calendar");
  const form = useNewFeed((url) => {
    form.reset({ name: "" });
    onMade(url);
  });
  return (
    <Form form={form} action={t("create")} disabled={!form.values.name.trim()}>
      <Field form={form} pointer="#/name" label={t("name")} hint={t("nameHint")} required>
        {(control) => <Input {...control} maxLength={64} value={form.values.name} onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
    </Form>
  );
}

function List({ onMade }: { onMade: (url: string) => void }) {
  const t = useText("calendar");
  const can = useCan();
  const [asked, setAsked] = useState<{ feed: Feed; what: "rotate" | "delete" }>();
  const close = () => setAsked(undefined);
  const rotate = useRotateFeed((url) => (close(), onMade(url)));
  const remove = useDeleteFeed(close);
  const doing = asked?.what === "rotate" ? rotate : remove;
  const columns = [
    { key: "name", title: t("name"), cell: (row: Feed) => row.name },
    { key: "made", title: t("made"), cell: (row: Feed) => <TimeAt at={row.updated_at} /> },
    {
      key: "do",
      title: "",
      cell: (row: Feed) => (
        <span className="b-form-buttons">
          {can("calendar_feed.rotate") && <Button size="small" onClick={() => setAsked({ feed: row, what: "rotate" })}>{t("rotate")}</Button>}
          {can("calendar_feed.delete") && <Button size="small" danger onClick={() => setAsked({ feed: row, what: "delete" })}>{t("delete")}</Button>}
        </span>
      ),
    },
  ];
  return (
    <>
      <MoreList list={useFeeds()} label={t("title")} columns={columns} id={(row) => row.id} empty={<Empty text={t("empty")} />} />
      <Dialog open={asked !== undefined} title={t(asked?.what === "rotate" ? "rotateTitle" : "deleteTitle", { name: asked?.feed.name })} action={t(asked?.what ?? "delete")} danger={asked?.what === "delete"} busy={doing.busy} onAction={() => asked && doing.run(asked.feed.id)} onCancel={close}>
        <p>{t(asked?.what === "rotate" ? "rotateEffect" : "deleteEffect")}</p>
        {doing.problem && <Failure error={doing.problem} />}
      </Dialog>
    </>
  );
}
