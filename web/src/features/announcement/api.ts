import { announcementCancel, announcementCheck, announcementCreate, announcementGet, announcementList, announcementPause, announcementResume, messageTypeGet, messageTypePreview } from "@api/sdk.gen";
import type { AnnouncementOutBody, AnnouncementView, PageOfAnnouncementView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useForm, useWrite } from "@/components/ui";
import { useCan } from "@/lib/can";
import type { Language } from "@/lib/i18n";
import { pageSize, useWindow } from "@/lib/window";
import { bodyOf, emptyDraft, type Draft } from "./components/draft.ts";

export type Announcement = AnnouncementView;
export type Detail = AnnouncementOutBody;
export type State = Announcement["state"];

export const states: readonly State[] = ["scheduled", "running", "paused", "done", "cancelled", "expired"];
/** Whether something still happens to it. */
export const goesOn = (state: State) => state === "scheduled" || state === "running" || state === "paused";

export interface Filter {
  state?: State;
  type?: string;
  external_id?: string;
}

/** Reads again every two seconds at first, then more seldom. */
const backingOff = (reads: number) => Math.min(15_000, 2000 + 200 * reads);

export function useAnnouncements(filter: Filter, enabled = true) {
  return useWindow<Announcement, PageOfAnnouncementView>(["announcement", "list", filter], async (cursor, signal) => (await announcementList({ query: { ...filter, limit: pageSize, ...(cursor && { cursor }) }, signal })).data, enabled);
}

export function useAnnouncement(id: string) {
  return useQuery({
    queryKey: ["announcement", "one", id],
    queryFn: async ({ signal }) => (await announcementGet({ path: { id }, signal })).data,
    refetchInterval: ({ state }) => (state.data && goesOn(state.data.state) ? backingOff(state.dataUpdateCount) : false),
  });
}

const moves = { pause: announcementPause, resume: announcementResume, cancel: announcementCancel };
export type Move = keyof typeof moves;

/** Pauses, resumes or cancels. */
export function useMoveAnnouncement(id: string, then: () => void) {
  const client = useQueryClient();
  return useWrite({
    send: (move: Move, { headers }) => moves[move]({ path: { id }, headers }),
    done: () => {
      void client.invalidateQueries({ queryKey: ["announcement"] });
      then();
    },
  });
}

export function useNewAnnouncement(zone: string, done: (id: string) => void) {
  const client = useQueryClient();
  return useForm<Draft, { id: string }>({
    initial: emptyDraft,
    send: async (draft, { headers }) => (await announcementCreate({ body: bodyOf(draft, zone), headers })).data,
    done: ({ id }) => {
      void client.invalidateQueries({ queryKey: ["announcement"] });
      done(id);
    },
  });
}

/** The message type with its variables. */
export function useType(key: string) {
  const can = useCan();
  return useQuery({ queryKey: ["message_type", "one", key], enabled: key !== "" && can("message_type.get"), queryFn: async ({ signal }) => (await messageTypeGet({ path: { key }, signal })).data });
}

/** What accounts of a language will read. */
export function usePreview(draft: Draft, language: Language) {
  const can = useCan();
  return useQuery({
    queryKey: ["announcement", "preview", draft, language],
    enabled: can("message_type.preview"),
    retry: false,
    queryFn: async ({ signal }) => {
      const body = { language, variables: draft.variables, ...(draft.link && { link: draft.link }), ...(draft.severity && { severity: draft.severity }) };
      return (await messageTypePreview({ path: { key: draft.type }, body, signal })).data;
    },
  });
}

/** The accounts that the announcement would tell now: how many, and the first of them. It sends nothing. */
export function useChecked(draft: Draft, zone: string) {
  const can = useCan();
  return useQuery({
    queryKey: ["announcement", "checked", draft, zone],
    enabled: can("announcement.check"),
    staleTime: 0,
    retry: false,
    queryFn: async ({ signal }) => (await announcementCheck({ body: bodyOf(draft, zone), signal })).data,
  });
}
