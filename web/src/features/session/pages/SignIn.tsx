import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Alert, Failure, Field, Form, Input, useForm } from "@/components/ui";
import type { Problem } from "@/lib/client";
import { useText } from "@/lib/i18n";
import { nextOf } from "@/lib/next";
import { useBrand } from "@/lib/site";
import { cookieDropped, type Credentials, useSignIn } from "../api.ts";
import { LanguageSwitch } from "../components/LanguageSwitch.tsx";
import { useCountdown } from "../components/useCountdown.ts";

/** What the address brings along: the demo prints one with everything in it. What stands behind "#" never reaches a server. */
function prefilled(account: unknown): Credentials {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.size > 0) history.replaceState(history.state, "", location.pathname + location.search);
  return { account: typeof account === "string" ? account : "", name: given.get("name") ?? "", password: given.get("password") ?? "" };
}

/** Opens what was asked for before the sign-in as the browser would: its address may have a query, which is no path of the router. */
function goOn(next: string, home: () => void): void {
  if (next === "/") home();
  else location.assign(`/console${next}`);
}

/** Sign-in with account, name and password. */
export function Page() {
  const t = useText("session");
  const { next, account } = useSearch({ strict: false }) as { next?: unknown; account?: unknown };
  const navigate = useNavigate();
  const brand = useBrand();
  const [initial] = useState(() => prefilled(account));
  const send = useSignIn();
  const form = useForm<Credentials, unknown>({ initial, send, done: () => goOn(nextOf(next), () => void navigate({ to: "/" as "." })) });
  const wait = useCountdown(form.write.problem);
  const input = (name: keyof Credentials) => ({ value: form.values[name], onChange: (event: { target: { value: string } }) => form.set({ [name]: event.target.value }) });
  useEffect(() => {
    document.title = t("title", { name: brand.name });
  }, [t, brand.name]);
  return (
    <main className="b-sign-in">
      <h1>
        <img src={brand.logo || "/console/icon.svg"} alt="" width="32" height="32" /> {t("title", { name: brand.name })}
      </h1>
      <Refused problem={form.write.problem} wait={wait} />
      <Form form={{ ...form, write: { ...form.write, problem: form.write.problem?.status === 422 ? form.write.problem : undefined } }} action={wait > 0 ? t("wait", { count: wait }) : t("signIn")} disabled={wait > 0}>
        <Field form={form} pointer="#/account" label={t("account")} required>
          {(control) => <Input {...control} {...input("account")} autoComplete="organization" autoFocus={!initial.account} />}
        </Field>
        <Field form={form} pointer="#/name" label={t("name")} required>
          {(control) => <Input {...control} {...input("name")} autoComplete="username" autoFocus={initial.account !== "" && !initial.name} />}
        </Field>
        <Field form={form} pointer="#/password" label={t("password")} required>
          {(control) => <Input.Password {...control} {...input("password")} autoComplete="current-password" />}
        </Field>
      </Form>
      <LanguageSwitch />
      <Foot brand={brand} />
    </main>
  );
}

/** Why nobody was signed in, in words for people. */
function Refused({ problem, wait }: { problem: Problem | undefined; wait: number }) {
  const t = useText("session");
  if (!problem || problem.status === 422) return null;
  if (problem.code === cookieDropped) return <Alert type="error" showIcon title={t("cookieDropped")} />;
  if (problem.status === 401) return <Alert type="error" showIcon title={t("wrong")} />;
  if (problem.status === 429) return <Alert type="warning" showIcon title={wait > 0 ? t("tooMany") : t("tryAgain")} />;
  return <Failure error={problem} />;
}

/** Where people turn to who cannot sign in, and the line below all pages. */
function Foot({ brand }: { brand: ReturnType<typeof useBrand> }) {
  const t = useText("session");
  if (!brand.support && !brand.footer) return null;
  const mail = brand.support.includes("@") && !brand.support.startsWith("https://");
  return (
    <footer className="b-hint">
      {brand.support && (
        <p>
          {t("support")} <a href={mail ? `mailto:${brand.support}` : brand.support}>{brand.support}</a>
        </p>
      )}
      {brand.footer && <p>{brand.footer}</p>}
    </footer>
  );
}
