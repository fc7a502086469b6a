import { Modal } from "antd";
import { useId, useState } from "react";
import { useText } from "@/lib/i18n";
import { Copy } from "./Failure.tsx";

/** A secret that is shown this once: it closes when the reader says that it is stored. */
export function SecretOnce({ secret, title, onClose }: { secret: string | undefined; title: string; onClose: () => void }) {
  const t = useText("ui");
  const id = useId();
  const [stored, setStored] = useState(false);
  const close = () => {
    setStored(false);
    onClose();
  };
  return (
    <Modal open={secret !== undefined} title={title} okText={t("close")} okButtonProps={{ disabled: !stored }} onOk={close} closable={false} mask={{ closable: false }} keyboard={false} footer={(_, { OkBtn }) => <OkBtn />}>
      <p>{t("secret.once")}</p>
      <p className="b-secret">
        <code>{secret}</code> <Copy text={secret ?? ""} />
      </p>
      <label htmlFor={id}>
        <input id={id} type="checkbox" checked={stored} onChange={(event) => setStored(event.target.checked)} /> {t("secret.stored")}
      </label>
    </Modal>
  );
}
