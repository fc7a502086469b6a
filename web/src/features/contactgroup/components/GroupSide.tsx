import { type ReactNode, useState } from "react";
import { Button, Confirmation, Dialog, Failure, Field, Form, Input, Link, Loaded, ObjectLog, PanelTabs, SidePage, useEdit, useFilters, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Group, type Member, readGroup, renameGroup, useDelete, useGroup, useMembers, usePeople, useReread, useSetMembers } from "../api.ts";
import { sameMembers, toggled } from "./members.ts";

const tabs = ["members", "log"] as const;
const schema = { tab: tabs };

/** One group, beside the list: who is in it, and its name. */
export function GroupSide({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText("contactgroup");
  const query = useGroup(id);
  return (
    <SidePage open title={query.data?.name ?? t("group")} onClose={onClose}>
      <Loaded query={query}>{(group) => <Sides group={group} onClose={onClose} />}</Loaded>
    </SidePage>
  );
}

function Sides({ group, onClose }: { group: Group; onClose: () => void }) {
  const t = useText("contactgroup");
  const can = useCan();
  const { filters, set } = useFilters(schema);
  const items: { key: (typeof tabs)[number]; label: string; children: ReactNode }[] = [{ key: "members", label: t("members"), children: <Inside group={group} onClose={onClose} /> }];
  if (can("operation.list")) items.push({ key: "log", label: t("log"), children: <ObjectLog id={group.id} /> });
  return <PanelTabs label={group.name} active={items.find((each) => each.key === filters.tab)?.key ?? "members"} onChange={(tab) => set({ tab })} items={items} />;
}

function Inside({ group, onClose }: { group: Group; onClose: () => void }) {
  const t = useText("contactgroup");
  const can = useCan();
  const names = useNames();
  const [asking, setAsking] = useState(false);
  const remove = useDelete(onClose);
  return (
    <div className="b-form">
      <Loaded query={useMembers(group.id)}>{(members) => (can("contact_group.set_members") ? <Choose key={group.version} group={group} members={members} /> : <Shown members={members} />)}</Loaded>
      {can("contact_group.update") && <Rename group={group} />}
      {remove.problem && <Failure error={remove.problem} />}
      {can("contact_group.delete") && (
        <div className="b-form-buttons">
          <Button danger onClick={() => setAsking(true)}>
            {t("delete")}
          </Button>
        </div>
      )}
      <Dialog open={asking && !remove.question} title={t("deleteOne", { name: group.name })} action={t("delete")} danger busy={remove.busy} onAction={() => remove.run(group.id)} onCancel={() => setAsking(false)}>
        {t("deleteEffect")}
      </Dialog>
      <Confirmation write={remove} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </div>
  );
}

function Shown({ members }: { members: Member[] }) {
  const t = useText("contactgroup");
  if (members.length === 0) return <p>{t("nobody")}</p>;
  return (
    <ul className="b-lines">
      {members.map((each) => (
        <li key={each.id}>
          <Link to={`/contacts/${each.id}`}>{each.name}</Link>
        </li>
      ))}
    </ul>
  );
}

function Choose({ group, members }: { group: Group; members: Member[] }) {
  const t = useText("contactgroup");
  const names = useNames();
  const notify = useNotify();
  const people = usePeople();
  const before = members.map((each) => each.id);
  const [chosen, setChosen] = useState(before);
  const write = useSetMembers(group, () => notify.done(t("saved")));
  return (
    <fieldset className="b-fieldset">
      <legend>{t("whoIsIn")}</legend>
      <Loaded query={people}>
        {(list) => (
          <>
            {list.length === 0 && <p className="b-hint">{t("noContacts")}</p>}
            {list.map((each) => (
              <span key={each.id} className="b-inline">
                <label className="b-inline">
                  <input type="checkbox" checked={chosen.includes(each.id)} onChange={() => setChosen(toggled(chosen, each.id))} /> {each.name}
                </label>
                <Link to={`/contacts/${each.id}`} aria-label={`${t("open")} ${each.name}`}>
                  {t("open")}
                </Link>
              </span>
            ))}
          </>
        )}
      </Loaded>
      <p className="b-hint">{chosen.length === 0 ? t("emptyGetsNothing") : t("count", { count: chosen.length })}</p>
      {write.problem && <Failure error={write.problem} />}
      <div className="b-form-buttons">
        <Button type="primary" disabled={sameMembers(before, chosen)} loading={write.busy} onClick={() => write.run(chosen)}>
          {t("saveMembers")}
        </Button>
      </div>
      <Confirmation write={write} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </fieldset>
  );
}

function Rename({ group }: { group: Group }) {
  const t = useText("contactgroup");
  const reread = useReread();
  const { form, conflict } = useEdit<{ name: string }, Group>({ current: group, values: ({ name }) => ({ name }), send: (change, sent) => renameGroup(group.id, change, sent), read: () => readGroup(group.id), done: reread });
  return (
    <>
      <Form form={form} action={t("rename")} disabled={!form.dirty}>
        <Field form={form} pointer="#/name" label={t("name")} required hint={t("nameRule")}>
          {(control) => <Input {...control} value={form.values.name} maxLength={200} autoComplete="off" onChange={(event) => form.set({ name: event.target.value })} />}
        </Field>
      </Form>
      {conflict}
    </>
  );
}
