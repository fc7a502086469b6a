import { type FormState, TagsField } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useAccountChoices, type Values } from "../api.ts";

/** What a product may submit, and to whom. */
export function Scope({ form }: { form: FormState<Values> }) {
  const t = useText("product");
  return (
    <>
      <TagsField form={form} name="types" label={t("types")} hint={t("typesHint")} required free options={useTypeChoices()} />
      <TagsField form={form} name="accounts" label={t("accounts")} hint={t("accountsHint")} required free options={[{ value: "*", label: t("allAccounts") }, ...useAccountChoices().map((each) => ({ value: each.id, label: `${each.name} (${each.alias})` }))]} />
    </>
  );
}

function useTypeChoices() {
  const t = useText("product");
  const names = useNames();
  return [
    { value: "*", label: t("allTypes") },
    ...names.categories.map((each) => ({ value: `${each.key}.*`, label: t("ofCategory", { category: names.category(each.key) }) })),
    ...names.types.map((each) => ({ value: each.key, label: `${names.type(each.key)} (${each.key})` })),
  ];
}

/** Names of what a product may do, as the lists show it. */
export function useScopeNames() {
  const t = useText("product");
  const types = useTypeChoices();
  const accounts = useAccountChoices();
  return {
    types: (keys: string[]) => keys.map((key) => types.find((each) => each.value === key)?.label ?? key).join(", "),
    accounts: (ids: string[]) => ids.map((id) => (id === "*" ? t("all") : (accounts.find((each) => each.id === id)?.alias ?? id))).join(", "),
  };
}
