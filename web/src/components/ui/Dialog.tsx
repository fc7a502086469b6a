import { Drawer as Side, Modal } from "antd";
import type { ReactNode } from "react";
import { useText } from "@/lib/i18n";
import { useNarrow } from "@/lib/narrow";

interface Question {
  open: boolean;
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  action: string;
  onAction: () => void;
  onCancel: () => void;
  danger?: boolean;
  busy?: boolean;
  disabled?: boolean;
}

/** Asks before something happens. The focus is on Cancel. */
export function Dialog({ open, title, children, action, onAction, onCancel, danger, busy, disabled }: Question) {
  const t = useText("ui");
  return (
    <Modal
      open={open}
      title={title}
      okText={action}
      okButtonProps={{ danger, loading: busy, disabled }}
      cancelText={t("cancel")}
      cancelButtonProps={{ autoFocus: true }}
      onOk={onAction}
      onCancel={onCancel}
      destroyOnHidden
    >
      {children}
    </Modal>
  );
}

/** A page beside the page, for details and short edits: the whole screen on a phone. */
export function SidePage({ open, title, onClose, children, tools, footer }: { open: boolean; title: string; onClose: () => void; children: ReactNode; tools?: ReactNode; footer?: ReactNode }) {
  const narrow = useNarrow();
  return (
    <Side open={open} title={<h2 className="b-side-title">{title}</h2>} onClose={onClose} size={narrow ? "100%" : 560} extra={tools} footer={footer} destroyOnHidden>
      {children}
    </Side>
  );
}
