import type { LiveEvent, LiveMessage } from "../src/lib/live/events.ts";
import { type Live, listen } from "../src/lib/live/live.ts";

/** A message as the bell shows it. */
export type Row = LiveMessage & { read: boolean };

export interface Settings {
  /** The origin of Belfry; "" for the page's own. */
  base: string;
  inbox: "mine" | "account";
  limit: number;
  /** A token for pages of other origins. */
  token?: () => Promise<string>;
  /** What somebody else listens to already. */
  live?: Live;
}

/** One place for number, revision and rows: the number is only ever what the server says. */
export class Store {
  unread: number | undefined;
  connected = false;
  tab: "unread" | "all" = "unread";
  rows: Row[] | undefined;
  failed = false;
  private readonly path: string;
  private readonly live: Live;
  private readonly stop: () => void;
  private bound = 0;
  private revision: number | undefined;
  private shown: number | undefined;
  private token: string | undefined;
  private readonly settings: Settings;
  private readonly changed: (event?: LiveEvent) => void;

  constructor(settings: Settings, changed: (event?: LiveEvent) => void) {
    this.settings = settings;
    this.changed = changed;
    this.path = `${settings.base}/v1/${settings.inbox === "account" ? "inbox" : "me/inbox"}`;
    const authorization = settings.token && (async () => `Bearer ${(this.token = await settings.token?.())}`);
    this.live = settings.live ?? listen(`bell ${this.path}`, { url: `${this.path}/events`, ...(authorization && { authorization }) });
    const { unread, revision, connected } = this.live.state();
    Object.assign(this, { unread, revision, connected });
    this.stop = this.live.subscribe((event) => this.hear(event));
  }

  close() {
    this.stop();
    if (!this.settings.live) this.live.close();
  }

  private hear(event: LiveEvent) {
    if (event.kind === "connected") this.connected = event.connected;
    if (event.kind === "counts") {
      this.unread = event.unread;
      this.revision = event.revision;
      if (this.rows && this.shown !== event.revision) void this.read();
    }
    this.changed(event);
  }

  /** Reads the newest messages; a list of another revision is read again. */
  async read(): Promise<void> {
    this.shown = this.revision;
    await this.try(async () => {
      const page = (await this.ask(`/messages?limit=${this.settings.limit}${this.tab === "unread" ? "&state=unread" : ""}`)) as { items: Row[]; up_to: number };
      this.rows = page.items;
      this.bound = page.up_to;
    });
  }

  choose(tab: "unread" | "all") {
    this.tab = tab;
    this.rows = undefined;
    this.changed();
    void this.read();
  }

  /** Marks one as read: at once on the row, never on the number. */
  mark(id: string) {
    this.rows = this.rows?.map((row) => (row.id === id ? { ...row, read: true } : row));
    this.changed();
    void this.try(() => this.ask("/messages/read", { ids: [id] }));
  }

  /** Marks all that are there as read, but not those that come meanwhile. */
  async markAll() {
    await this.try(async () => {
      for (let more = true; more; ) ({ more } = (await this.ask("/messages/read-all", { up_to: this.bound })) as { more: boolean });
    });
  }

  private async try(what: () => Promise<unknown>) {
    try {
      await what();
      this.failed = false;
    } catch {
      this.failed = true;
    }
    this.changed();
  }

  private async ask(path: string, body?: object, again = true): Promise<unknown> {
    const headers = new Headers(body && { "Content-Type": "application/json", "Idempotency-Key": Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("") });
    if (this.settings.token) headers.set("Authorization", `Bearer ${(this.token ??= await this.settings.token())}`);
    const response = await fetch(this.path + path, { headers, credentials: this.settings.token ? "omit" : "same-origin", ...(body && { method: "POST", body: JSON.stringify(body) }) });
    if (response.status === 401 && this.settings.token && again) {
      this.token = undefined;
      return this.ask(path, body, false);
    }
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }
}
