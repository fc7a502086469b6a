import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { Button, Input } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useAccountNames } from "../api.ts";

/** Auditors say whose log they look at; without it they see the platform's own. */
export function AccountPicker({ account }: { account: string }) {
  const t = useText("operationlog");
  const id = useId();
  const [value, setValue] = useState(account);
  const names = useAccountNames(value.trim());
  const navigate = useNavigate();
  const show = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/operations" as ".", search: (value.trim() ? { account: value.trim() } : {}) as never });
  };
  return (
    <form className="b-picker" onSubmit={show}>
      <label htmlFor={id}>{t("accountHint")}</label>
      <Input id={id} list={`${id}-names`} value={value} onChange={(event) => setValue(event.target.value)} />
      <datalist id={`${id}-names`}>
        {names.map((each) => (
          <option key={each.id} value={each.alias}>
            {each.name}
          </option>
        ))}
      </datalist>
      <Button htmlType="submit">{t("accountShow")}</Button>
    </form>
  );
}
