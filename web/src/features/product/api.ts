import { accountList, productCreate, productGet, productList, productUpdate } from "@api/sdk.gen";
import type { AccountView, PageOfProductView, ProductView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Named, useEdit, useForm } from "@/components/ui";
import { useCan } from "@/lib/can";
import { pageSize, useWindow } from "@/lib/window";

export type Product = ProductView;

export function useProducts(filter: Named) {
  return useWindow<Product, PageOfProductView>(["product", "list", filter], async (cursor, signal) => (await productList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

const read = async (id: string, signal?: AbortSignal) => (await productGet({ path: { id }, signal })).data;

export const useProduct = (id: string) => useQuery({ queryKey: ["product", "one", id], queryFn: ({ signal }) => read(id, signal) });

/** The first accounts, to choose from; further ones are entered by id. */
export function useAccountChoices(): AccountView[] {
  const can = useCan();
  return useQuery({ queryKey: ["account", "choices"], enabled: can("account.list"), queryFn: async ({ signal }) => (await accountList({ query: { limit: 100 }, signal })).data.items }).data ?? [];
}

/** What a product's form holds; the name counts when it is made, enabled later. */
export interface Values {
  name: string;
  display_name: string;
  enabled: boolean;
  types: string[];
  accounts: string[];
}

export function useNewProduct(done: (id: string) => void) {
  const client = useQueryClient();
  return useForm({
    initial: { name: "", display_name: "", enabled: true, types: [], accounts: ["*"] } as Values,
    send: ({ name, display_name, types, accounts }, { headers }) => productCreate({ body: { name, types, accounts, ...(display_name && { display_name }) }, headers }),
    done: ({ data }) => {
      void client.invalidateQueries({ queryKey: ["product"] });
      done(data.id);
    },
  });
}

const valuesOf = ({ name, display_name, enabled, types, accounts }: Product): Values => ({ name, display_name, enabled, types, accounts });

export function useProductForm(product: Product, done: () => void) {
  const client = useQueryClient();
  return useEdit<Values, Product>({
    current: product,
    values: valuesOf,
    send: (body, { headers }) => productUpdate({ path: { id: product.id }, body, headers }),
    read: () => read(product.id),
    done: () => void client.invalidateQueries({ queryKey: ["product"] }).then(done),
  });
}
