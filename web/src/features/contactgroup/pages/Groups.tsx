import { useNavigate, useParams } from "@tanstack/react-router";
import { Button, Empty, Field, Form, Input, Link, MoreList, Page as Frame, SidePage, TimeAgo, useFilters, useForm } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { createGroup, type Group, useGroups, useLimit, useReread } from "../api.ts";
import { GroupSide } from "../components/GroupSide.tsx";

const schema = { new: ["1"] } as const;

/** The contact groups of the account. */
export function Page() {
  const t = useText("contactgroup");
  const can = useCan();
  const navigate = useNavigate();
  const { id } = useParams({ strict: false }) as { id?: string };
  const { filters, set } = useFilters(schema);
  const list = useGroups();
  const limit = useLimit();
  const full = limit !== undefined && !list.hasMore && list.rows.length >= limit;
  const add = can("contact_group.create") && (
    <Button type="primary" aria-disabled={full || undefined} onClick={() => !full && set({ new: "1" })}>
      {t("add")}
    </Button>
  );
  return (
    <Frame title={t("title")} tools={<>{limit !== undefined && !list.hasMore && <span className="b-count">{t("used", { n: list.rows.length, limit })}</span>}{add}{full && <span className="b-hint">{t("full", { limit })}</span>}</>}>
      <MoreList
        list={list}
        label={t("title")}
        id={(row: Group) => row.id}
        empty={<Empty text={t("empty")} />}
        columns={[
          { key: "name", title: t("name"), cell: (row) => <Link to={`/contact-groups/${row.id}`}>{row.name}</Link> },
          { key: "members", title: t("members"), cell: (row) => (row.members === 0 ? t("nobody") : row.members.toLocaleString()) },
          { key: "updated", title: t("updated"), cell: (row) => <TimeAgo at={row.updated_at} /> },
        ]}
      />
      {id && <GroupSide id={id} onClose={() => void navigate({ to: "/contact-groups" as "." })} />}
      <SidePage open={filters.new === "1"} title={t("add")} onClose={() => set({ new: undefined })}>
        <NewGroup onClose={() => set({ new: undefined })} />
      </SidePage>
    </Frame>
  );
}

function NewGroup({ onClose }: { onClose: () => void }) {
  const t = useText("contactgroup");
  const reread = useReread();
  const navigate = useNavigate();
  const form = useForm({
    initial: { name: "" },
    send: createGroup,
    done: (group) => {
      reread();
      void navigate({ to: `/contact-groups/${group.id}` as "." });
    },
  });
  return (
    <Form form={form} action={t("create")} onCancel={onClose}>
      <Field form={form} pointer="#/name" label={t("name")} required hint={t("nameRule")}>
        {(control) => <Input {...control} value={form.values.name} maxLength={200} autoComplete="off" onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
    </Form>
  );
}
