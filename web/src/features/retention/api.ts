import { retentionGet, retentionUpdate } from "@api/sdk.gen";
import type { RetentionOutBody } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEdit } from "@/components/ui";
import { bodyOf, type Days, daysOf } from "./components/days.ts";

export type Retention = RetentionOutBody;

const read = async (signal?: AbortSignal) => (await retentionGet({ signal })).data;

export const useRetention = () => useQuery({ queryKey: ["retention"], queryFn: ({ signal }) => read(signal) });

export function useRetentionForm(current: Retention, name: (field: string) => string, then: () => void) {
  const client = useQueryClient();
  return useEdit<Days, Retention>({
    current,
    values: daysOf,
    send: (_change, { headers }, all) => retentionUpdate({ body: bodyOf(all), headers }),
    read: () => read(),
    name,
    done: () => void client.invalidateQueries({ queryKey: ["retention"] }).then(then),
  });
}
