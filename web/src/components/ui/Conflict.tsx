import { Modal } from "antd";
import { useText } from "@/lib/i18n";
import { Button } from "./antd.ts";
import { changes } from "./Diff.tsx";

interface Versions<T> {
  open: boolean;
  /** As it was read, as it is now, and as it was to become. */
  before: T;
  theirs: T;
  yours: T;
  name?: (path: string) => string;
  /** Closes the question; what was typed stays, and saving asks again. */
  onLater: () => void;
  onTakeTheirs: () => void;
  /** Sends what was changed here again, on top of theirs. */
  onApplyMine: () => void;
}

const show = (value: unknown) => (typeof value === "string" ? value || "–" : (JSON.stringify(value) ?? "–"));

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** The paths that somebody changed: here or elsewhere. */
export function conflicts(before: unknown, theirs: unknown, yours: unknown): string[] {
  return [...new Set([...changes(before, theirs), ...changes(before, yours)].map((change) => change.path))];
}

/** Somebody else changed the same thing (412): shows all three, and lets the reader choose. */
export function Conflict<T>({ open, before, theirs, yours, name, onLater, onTakeTheirs, onApplyMine }: Versions<T>) {
  const t = useText("ui");
  return (
    <Modal
      open={open}
      title={t("conflict.title")}
      onCancel={onLater}
      transitionName="" // it comes by itself: nothing may move under a click
      mask={{ closable: false }}
      footer={[
        <Button key="theirs" autoFocus onClick={onTakeTheirs}>
          {t("conflict.theirs")}
        </Button>,
        <Button key="mine" type="primary" onClick={onApplyMine}>
          {t("conflict.mine")}
        </Button>,
      ]}
      width={720}
    >
      <table className="b-table">
        <thead>
          <tr>
            {(["field", "before", "theirs", "yours"] as const).map((head) => (
              <th key={head} scope="col">
                {t(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {conflicts(before, theirs, yours).map((path) => (
            <tr key={path}>
              <th scope="row">{name?.(path) ?? path}</th>
              {[before, theirs, yours].map((version, i) => (
                <td key={i}>{show(at(version, path))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
