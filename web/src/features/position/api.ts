import { positionList, positionReplace } from "@api/sdk.gen";
import type { PositionView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEdit } from "@/components/ui";

/** A position as it is typed; its key stays once contacts have it. */
export interface Line {
  key: string;
  zh: string;
  en: string;
}

interface Positions {
  version: number;
  items: PositionView[];
}

/** The list has no version of its own in its body: it stands in the ETag. */
async function read(signal?: AbortSignal): Promise<Positions> {
  const { data, response } = await positionList({ signal });
  return { version: Number(response.headers.get("ETag")?.replaceAll('"', "") ?? 0), items: data.items };
}

export const usePositions = () => useQuery({ queryKey: ["position", "versioned"], queryFn: ({ signal }) => read(signal) });

export const linesOf = (items: readonly PositionView[]): Line[] => items.map(({ key, names }) => ({ key, zh: names["zh-CN"] ?? "", en: names["en-US"] ?? "" }));

export function usePositionForm(current: Positions, name: () => string, then: () => void) {
  const client = useQueryClient();
  return useEdit<{ items: Line[] }, Positions>({
    current,
    values: (of) => ({ items: linesOf(of.items) }),
    send: (_change, { headers }, { items }) => positionReplace({ body: { items: items.map(({ key, zh, en }) => ({ key, names: { "zh-CN": zh, "en-US": en } })) }, headers }),
    read: () => read(),
    name,
    done: () => void client.invalidateQueries({ queryKey: ["position"] }).then(then),
  });
}
