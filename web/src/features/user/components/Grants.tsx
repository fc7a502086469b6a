import { Button, Chip, Confirmation, Failure, Field, Form, Loaded, Outlasting, Select, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import { counting, type Role, roles, useEndGrant, useGrants, useNewGrant } from "../api.ts";

/** What a user may do in the account, until when; the root user gives it and takes it. */
export function Grants({ user }: { user: string }) {
  const t = useText("user");
  const can = useCan();
  const query = useGrants(user);
  const end = useEndGrant();
  return (
    <>
      <Loaded query={query}>
        {(grants) => (
          <>
            {counting(grants, new Date()).length === 0 && <p>{t("noGrant")}</p>}
            <ul className="b-grants">
              {counting(grants, new Date()).map((grant) => (
                <li key={grant.id}>
                  <Chip tone="info">{t(`role.${grant.role as Role}`, { defaultValue: grant.role })}</Chip>
                  <span>{grant.expires_at ? <>{t("until")} <TimeAt at={grant.expires_at} /></> : t("noEnd")}</span>
                  {can("grant.delete") && <Button size="small" danger loading={end.busy} onClick={() => end.run(grant.id)}>{t("takeBack")}</Button>}
                  {grant.expires_at && grant.outlasts.length > 0 && <GoesOn pointers={grant.outlasts} />}
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
      {end.problem && <Failure error={end.problem} />}
      <Confirmation write={end} title={t("goesOn")} />
      {can("grant.create") && <NewGrant user={user} />}
    </>
  );
}

/** What goes on when the grant's time runs out: nobody is asked then. */
function GoesOn({ pointers }: { pointers: readonly string[] }) {
  const t = useText("user");
  return (
    <div className="b-effects">
      <h3>{t("goesOnThen")}</h3>
      <ul>{pointers.map((pointer) => <li key={pointer}><Outlasting pointer={pointer} /></li>)}</ul>
    </div>
  );
}

function NewGrant({ user }: { user: string }) {
  const t = useText("user");
  const { zone } = useTime();
  const form = useNewGrant(user, zone);
  return (
    <Form form={form} action={t("grant")}>
      <Field form={form} pointer="#/role" label={t("roleLabel")} hint={t(`allows.${form.values.role}`)}>
        {(control) => <Select {...control} value={form.values.role} options={roles.map((value) => ({ value, label: t(`role.${value}`) }))} onChange={(role) => form.set({ role })} />}
      </Field>
      <Field form={form} pointer="#/expires_at" label={t("lastDay")} hint={t("lastDayHint")}>
        {({ id, "aria-describedby": described, "aria-invalid": invalid }) => <input id={id} aria-describedby={described} aria-invalid={invalid} type="date" className="b-date" value={form.values.until} onChange={(event) => form.set({ until: event.target.value })} />}
      </Field>
    </Form>
  );
}
