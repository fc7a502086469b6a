import { useState } from "react";
import { Button, Chip, Dialog, Empty, Failure, MoreList, SecretOnce, TimeAgo, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { actionsOn, type Key, makes, useDeleteKey, useKeys, useRotateKey, type Whose } from "../api.ts";
import { NewKey } from "./NewKey.tsx";
import { stateOf } from "./state.ts";

const tones = { expired: "warn", revoked: "neutral", replaced: "info", valid: "good" } as const;

/** Access keys: for programs, instead of a session. Only their owner makes them and sees them, once. */
export function KeyList({ whose = "" }: { whose?: Whose }) {
  const t = useText("credential");
  const can = useCan();
  const list = useKeys(whose);
  const [asked, setAsked] = useState<{ key: Key; what: "rotate" | "delete" }>();
  const [secret, setSecret] = useState<string>();
  const close = () => setAsked(undefined);
  const remove = useDeleteKey(whose, close);
  const rotate = useRotateKey(whose, (key) => (close(), setSecret(key)));
  const actions = actionsOn(whose);
  const may = { create: makes(whose) && can(actions.create), rotate: makes(whose) && can(actions.rotate), delete: can(actions.delete) };
  const doing = asked?.what === "rotate" ? rotate : remove;
  const columns = [
    { key: "name", title: t("name"), cell: (row: Key) => row.name },
    { key: "state", title: t("state"), cell: (row: Key) => <Chip tone={tones[stateOf(row, new Date())]}>{t(`states.${stateOf(row, new Date())}`)}</Chip> },
    { key: "used", title: t("lastUsed"), cell: (row: Key) => (row.last_used_at ? <TimeAgo at={row.last_used_at} /> : t("never")) },
    { key: "until", title: t("until"), cell: (row: Key) => (row.expires_at ? <TimeAt at={row.expires_at} /> : t("noEnd")) },
    {
      key: "do",
      title: "",
      cell: (row: Key) =>
        !row.revoked_at && (
          <span className="b-form-buttons">
            {may.rotate && !row.rotated_at && <Button size="small" onClick={() => setAsked({ key: row, what: "rotate" })}>{t("rotate")}</Button>}
            {may.delete && <Button size="small" danger onClick={() => setAsked({ key: row, what: "delete" })}>{t("delete")}</Button>}
          </span>
        ),
    },
  ];
  return (
    <>
      {may.create && <NewKey whose={whose} onMade={setSecret} />}
      <MoreList list={list} label={t("keys")} columns={columns} id={(row) => row.id} empty={<Empty text={makes(whose) ? (whose ? t("noKeysOfProduct") : t("noKeys")) : t("noKeysOfUser")} />} />
      <Dialog open={asked !== undefined} title={t(asked?.what === "rotate" ? "rotateTitle" : "deleteTitle", { name: asked?.key.name })} action={t(asked?.what ?? "delete")} danger={asked?.what === "delete"} busy={doing.busy} onAction={() => asked && doing.run(asked.key.id)} onCancel={close}>
        <p>{t(asked?.what === "rotate" ? "rotateEffect" : "deleteEffect")}</p>
        {doing.problem && <Failure error={doing.problem} />}
      </Dialog>
      <SecretOnce secret={secret} title={t("newKey")} onClose={() => setSecret(undefined)} />
    </>
  );
}
