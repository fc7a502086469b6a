import { Form, SwitchField, TextField, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Product, useNewProduct, useProductForm } from "../api.ts";
import { Scope } from "./Scope.tsx";

/** Makes a product. */
export function NewProduct({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const t = useText("product");
  const form = useNewProduct(onMade);
  return (
    <Form form={form} action={t("add")} onCancel={onClose}>
      <TextField form={form} name="name" label={t("name")} hint={t("nameHint")} required max={64} />
      <TextField form={form} name="display_name" label={t("displayName")} max={100} />
      <Scope form={form} />
    </Form>
  );
}

/** Changes what a product may do. */
export function EditProduct({ product, onSaved }: { product: Product; onSaved: () => void }) {
  const t = useText("product");
  const notify = useNotify();
  const { form, conflict } = useProductForm(product, () => (notify.done(t("saved")), onSaved()));
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <TextField form={form} name="display_name" label={t("displayName")} max={100} />
      <Scope form={form} />
      <SwitchField form={form} name="enabled" label={t("enabled")} hint={t("enabledHint")} />
      {conflict}
    </Form>
  );
}
