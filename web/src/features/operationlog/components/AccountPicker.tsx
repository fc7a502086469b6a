import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { Button, Input } from "@/components/ui";
import { useText } from "@/lib/i18n";

/** Auditors say whose log they look at; without it they see the platform's own. */
export function AccountPicker({ account }: { account: string }) {
  const t = useText("operationlog");
  const id = useId();
  const [value, setValue] = useState(account);
  const navigate = useNavigate();
  const show = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/operations" as ".", search: (value.trim() ? { account: value.trim() } : {}) as never });
  };
  return (
    <form className="b-picker" onSubmit={show}>
      <label htmlFor={id}>{t("accountHint")}</label>
      <Input id={id} value={value} onChange={(event) => setValue(event.target.value)} />
      <Button htmlType="submit">{t("accountShow")}</Button>
    </form>
  );
}
