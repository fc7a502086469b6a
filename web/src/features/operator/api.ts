import { operatorCreate, operatorDelete, operatorGet, operatorList, operatorUpdate } from "@api/sdk.gen";
import type { CreateOperatorInBody, OperatorView, PageOfOperatorView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Named, useEdit, useForm, useWrite } from "@/components/ui";
import { pageSize, useWindow } from "@/lib/window";

export type Operator = OperatorView;
export type Role = CreateOperatorInBody["roles"][number];

/** The roles of operators, more rights first. */
export const roles: readonly Role[] = ["OperatorAdmin", "OperatorAuditor"];

export function useOperators(filter: Named) {
  return useWindow<Operator, PageOfOperatorView>(["operator", "list", filter], async (cursor, signal) => (await operatorList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

const read = async (id: string, signal?: AbortSignal) => (await operatorGet({ path: { id }, signal })).data;

export const useOperator = (id: string) => useQuery({ queryKey: ["operator", "one", id], queryFn: ({ signal }) => read(id, signal) });

function useReread(then: () => void) {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ["operator"] }).then(then);
}

export interface NewValues {
  name: string;
  display_name: string;
  password: string;
  roles: Role[];
}

export function useNewOperator(done: (id: string) => void) {
  const client = useQueryClient();
  return useForm({
    initial: { name: "", display_name: "", password: "", roles: ["OperatorAuditor"] } as NewValues,
    send: ({ display_name, ...body }, { headers }) => operatorCreate({ body: { ...body, ...(display_name && { display_name }) }, headers }),
    done: ({ data }) => {
      void client.invalidateQueries({ queryKey: ["operator"] });
      done(data.id);
    },
  });
}

export interface Values {
  display_name: string;
  enabled: boolean;
  roles: Role[];
  password: string;
}

const valuesOf = (of: Operator): Values => ({ display_name: of.display_name, enabled: of.enabled, roles: of.roles as Role[], password: "" });

export function useOperatorForm(operator: Operator, then: () => void) {
  const done = useReread(then);
  return useEdit<Values, Operator>({ current: operator, values: valuesOf, send: (body, { headers, query }) => operatorUpdate({ path: { id: operator.id }, body, headers, query }), read: () => read(operator.id), done });
}

export function useDeleteOperator(then: () => void) {
  const done = useReread(then);
  return useWrite({ send: (id: string, { headers, query }) => operatorDelete({ path: { id }, headers, query }), done });
}
