import { sessionCreate } from "@api/sdk.gen";
import { Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { Field, Form, Input, useForm } from "@/components/ui";
import { useProfile } from "@/lib/can";
import { onSignedOut } from "@/lib/client";
import { useText } from "@/lib/i18n";

/** Lets somebody whose session ended go on: a dialog over the page, then the request goes out again. */
export function SignInAgain() {
  const t = useText("app");
  const profile = useProfile();
  const [open, setOpen] = useState(false);
  const waiting = useRef<{ go: () => void; stop: (why: Error) => void } | undefined>(undefined);
  useEffect(
    () =>
      onSignedOut(
        () =>
          new Promise<void>((go, stop) => {
            waiting.current = { go, stop };
            setOpen(true);
          }),
      ),
    [],
  );
  useOtherTabs();
  const form = useForm({
    initial: { password: "" },
    send: ({ password }, sending) => sessionCreate({ body: { account: profile.account.alias, name: profile.name, password, cookie: true }, headers: sending.headers }),
    done: () => {
      setOpen(false);
      form.reset({ password: "" });
      waiting.current?.go();
    },
  });
  const leave = () => {
    waiting.current?.stop(new Error("nobody signed in"));
    location.assign("/console/sign-in");
  };
  return (
    <Modal open={open} title={t("signInAgain.title")} footer={null} onCancel={leave} mask={{ closable: false }} destroyOnHidden>
      <p>{t("signInAgain.text")}</p>
      <Form form={form} action={t("signIn")} onCancel={leave}>
        <Field form={form} pointer="#/password" label={t("password")} required>
          {(control) => <Input.Password {...control} autoFocus autoComplete="current-password" value={form.values.password} onChange={(event) => form.set({ password: event.target.value })} />}
        </Field>
      </Form>
    </Modal>
  );
}

/** Another tab signed out: this one shows nobody's data any more. */
function useOtherTabs() {
  useEffect(() => {
    const channel = new BroadcastChannel("belfry session");
    channel.onmessage = () => location.assign("/console/sign-in");
    return () => channel.close();
  }, []);
}
