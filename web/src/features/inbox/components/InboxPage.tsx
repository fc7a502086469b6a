import type { MessageFilter } from "@api/types.gen";
import { useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Dialog, Empty, Failure, Feed, Page } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useLive } from "@/lib/live";
import { useNarrow } from "@/lib/narrow";
import { useKeysOn } from "@/lib/keys";
import { type Box, type Message, type Sweep, useCounts, useMarkRead, useMessages, useRemove, useSelected } from "../api.ts";
import { BatchBar } from "./BatchBar.tsx";
import { pathOf, useRights } from "./boxes.ts";
import { CategoryTabs } from "./CategoryTabs.tsx";
import { InboxFilters } from "./InboxFilters.tsx";
import { MessagePanel } from "./MessagePanel.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { SweepDialog } from "./SweepDialog.tsx";
import { useFresh } from "./useFresh.ts";
import { useInboxFilter } from "./useInboxFilter.ts";
import { useListKeys } from "./useListKeys.ts";

/** An inbox: the list at the left, the message at the right; on a phone one after the other. */
export function InboxPage({ box }: { box: Box }) {
  const t = useText("inbox");
  const { connected } = useLive();
  const narrow = useNarrow();
  const { id } = useParams({ strict: false }) as { id?: string };
  const search = useLocation().searchStr;
  const counts = useCounts(box);
  const of = useInboxFilter();
  const fresh = useFresh(useMessages(box, of.filter), JSON.stringify(of.filter));
  const navigate = useNavigate();
  const at = fresh.list.rows.findIndex((message) => message.id === id);
  const neighbours = { newer: fresh.list.rows[at - 1], older: at < 0 ? undefined : fresh.list.rows[at + 1] };
  const onlyCategory = Object.keys(of.filters).every((name) => name === "category");
  const close = () => void navigate({ to: `${pathOf(box)}` as ".", search: of.filters as never });
  return (
    <Page name="inbox" title={box === "message" ? t("title") : t("ownTitle")} tools={<span className={connected ? "b-live" : "b-live b-lost"}>{connected ? t("live") : t("notLive")}</span>}>
      {!(narrow && id) && (
        <>
          <CategoryTabs counts={counts.data} value={of.filters.category ?? ""} numbers={onlyCategory} onChange={(category) => of.set({ category })} />
          <InboxFilters of={of} />
        </>
      )}
      <div className={id ? "b-split b-split-open" : "b-split"}>
        {!(narrow && id) && <MessageList box={box} of={of} fresh={fresh} search={search} current={id} />}
        {id && <MessagePanel box={box} id={id} search={search} neighbours={neighbours} onClosed={close} />}
      </div>
    </Page>
  );
}

interface List {
  box: Box;
  of: ReturnType<typeof useInboxFilter>;
  fresh: ReturnType<typeof useFresh>;
  search: string;
  current: string | undefined;
}

function MessageList({ box, of, fresh, search, current }: List) {
  const t = useText("inbox");
  const rights = useRights(box);
  const navigate = useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const [sweeping, setSweeping] = useState<Sweep>();
  const filtered = Object.keys(of.filter).length > 0;
  const scope = useScope(box, of.filter, fresh.upTo);
  const mark = useMarkRead(box);
  const remove = useRemove(box, () => {
    setSelected(new Set());
    setAsking(false);
  });
  const toggle = (id: string, on: boolean) => setSelected((now) => (on ? new Set([...now, id]) : new Set([...now].filter((each) => each !== id))));
  const mayTouch = rights.read || rights.remove;
  const active = useListKeys(fresh.list.rows, fresh.list.before, useKeysOn(), {
    open: (message) => void navigate({ to: `${pathOf(box)}/${message.id}` as ".", search: of.filters as never }),
    select: (message) => mayTouch && toggle(message.id, !selected.has(message.id)),
    read: (message) => rights.read && mark.run([message.id]),
    remove: (message) => {
      if (!rights.remove) return;
      setSelected(new Set([message.id]));
      setAsking(true);
    },
  });
  const row = (message: Message, index: number) => (
    <MessageRow box={box} message={message} search={search} active={index === active} current={message.id === current} {...(mayTouch && { selected: selected.has(message.id), onSelect: (on: boolean) => toggle(message.id, on) })} />
  );
  const ids = [...selected].slice(0, 100);
  return (
    <section className="b-list" aria-label={t("list")}>
      <BatchBar
        rights={rights}
        selected={selected.size}
        total={scope.total}
        unread={scope.unread}
        any={scope.count > 0}
        anyUnread={scope.unreadCount > 0}
        filtered={filtered}
        onRead={() => (mark.run(ids), setSelected(new Set()))}
        onRemove={() => setAsking(true)}
        onSweep={setSweeping}
      />
      {mark.problem && <Failure error={mark.problem} />}
      {fresh.waiting > 0 && (
        <Button className="b-fresh" type="primary" ghost onClick={fresh.show}>
          {t("fresh", { count: fresh.waiting })}
        </Button>
      )}
      <span role="status" className="b-hidden">
        {fresh.waiting > 0 && t("fresh", { count: fresh.waiting })}
      </span>
      <Feed list={fresh.list} label={t("list")} rowHeight={44} id={(message) => message.id} row={row} active={active} total={scope.count > 0 ? t("allOf", { n: scope.total }) : undefined} empty={<Nothing of={of} box={box} />} />
      <Dialog open={asking} title={t("deleteSome", { count: ids.length })} action={t("delete")} danger busy={remove.busy} onAction={() => remove.run(ids)} onCancel={() => setAsking(false)}>
        {t("sweep.final")}
        {remove.problem && <Failure error={remove.problem} />}
      </Dialog>
      <SweepDialog box={box} what={sweeping} filter={of.filter} upTo={fresh.upTo ?? 0} number={sweeping === "readAll" ? scope.unread : scope.total} count={scope.count} scope={filtered ? t("sweep.filtered") : t("sweep.everything")} onClose={() => setSweeping(undefined)} />
    </section>
  );
}

/** How many messages the buttons on all of them are about. */
function useScope(box: Box, filter: MessageFilter, upTo: number | undefined) {
  const { data } = useSelected(box, filter, upTo || undefined); // a bound of 0: nothing was seen
  const more = data?.more ? "+" : "";
  const text = (n: number) => n.toLocaleString() + more;
  return { count: data?.total ?? 0, unreadCount: data?.unread ?? 0, total: text(data?.total ?? 0), unread: text(data?.unread ?? 0) };
}

function Nothing({ of, box }: { of: ReturnType<typeof useInboxFilter>; box: Box }) {
  const t = useText("inbox");
  if (!of.any) return <Empty text={t(box === "message" ? "empty" : "emptyOwn")} />;
  return (
    <Empty text={t("emptyFilter")}>
      <Button onClick={of.clear}>{t("clear")}</Button>
    </Empty>
  );
}
