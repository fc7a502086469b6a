import { messageTypeCreate, messageTypeGet, messageTypePreview, messageTypeUpdate, messageTypeVersions } from "@api/sdk.gen";
import type { MessageTypeSummary, MessageTypeVersionView, MessageTypeView, PageOfMessageTypeVersionView, PreviewOutBody } from "@api/types.gen";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useEdit, useForm } from "@/components/ui";
import { useCan } from "@/lib/can";
import type { Language } from "@/lib/i18n";
import { typesQuery } from "@/lib/names";
import { pageSize, useWindow } from "@/lib/window";
import { firstTexts, type NewValues, type Values, valuesOf } from "./components/values.ts";

export type Summary = MessageTypeSummary;
export type Type = MessageTypeView;
export type Version = MessageTypeVersionView;
export type Preview = PreviewOutBody;

export const useTypes = () => useQuery(typesQuery);

const read = async (key: string, signal?: AbortSignal) => (await messageTypeGet({ path: { key }, signal })).data;

export const useType = (key: string) => useQuery({ queryKey: ["message_type", "one", key], queryFn: ({ signal }) => read(key, signal) });

/** How the type was in a version; versions never change. */
export const useVersion = (key: string, version: number) => useQuery({ queryKey: ["message_type", "version", key, version], staleTime: Infinity, queryFn: async ({ signal }) => (await messageTypeGet({ path: { key }, query: { version }, signal })).data });

export function useVersions(key: string) {
  return useWindow<Version, PageOfMessageTypeVersionView>(["message_type", "versions", key], async (cursor, signal) => (await messageTypeVersions({ path: { key }, query: { limit: pageSize, ...(cursor && { cursor }) }, signal })).data);
}

export function useNewType(done: (key: string) => void) {
  const client = useQueryClient();
  return useForm<NewValues, Type>({
    initial: { key: "", zh: "", en: "", describeZh: "", describeEn: "", severity: "info", audience: [] },
    send: async (values, { headers }) => (await messageTypeCreate({ body: firstTexts(values), headers })).data,
    done: ({ key }) => void client.invalidateQueries({ queryKey: ["message_type"] }).then(() => done(key)),
  });
}

export function useTypeForm(type: Type, then: () => void) {
  const client = useQueryClient();
  return useEdit<Values, Type>({
    current: type,
    values: valuesOf,
    send: (body, { headers }) => messageTypeUpdate({ path: { key: type.key }, body, headers }),
    read: () => read(type.key),
    done: () => void client.invalidateQueries({ queryKey: ["message_type"] }).then(then),
  });
}

/** The value as it was once nothing changed it for a while. */
function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as T), wait);
    return () => clearTimeout(timer);
  }, [text, wait]);
  return settled;
}

/** What the texts as they are typed become with the samples; asked 400 ms after the last key. While they have a fault, what they became before. */
export function usePreview(key: string, language: Language, { templates, variables }: Pick<Values, "templates" | "variables">) {
  const can = useCan();
  const draft = useSettled({ templates, variables }, 400);
  const good = useRef<Preview>(undefined);
  const query = useQuery({
    queryKey: ["message_type", "preview", key, language, draft],
    enabled: can("message_type.preview"),
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await messageTypePreview({ path: { key }, body: { language, draft }, signal })).data,
  });
  if (query.data) good.current = query.data;
  return { error: query.error, data: query.data ?? (good.current?.language === language ? good.current : undefined) };
}
