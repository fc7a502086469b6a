import type { LiveEvent, LiveMessage } from "../src/lib/live/events.ts";
import type { Live } from "../src/lib/live/live.ts";
import { relative } from "../src/lib/relative.ts";
import { type Row, Store } from "./store.ts";
import { style } from "./style.ts";
import { type Texts, textsOf } from "./texts.ts";

const icon = '<svg viewBox="0 0 16 16" width="18" height="18" fill="currentColor" aria-hidden="true"><path d="M8 1.500a4 4 0 0 0-4 4v3l-1.500 2.500v.5h11v-.5L12 8.500v-3a4 4 0 0 0-4-4zM6.200 12.500a1.900 1.900 0 0 0 3.600 0z"/></svg>';

/** Makes an element; text is text, never markup. */
function make<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * The bell: <belfry-bell src="https://belfry.example.com" inbox="mine" lang="zh-CN" theme="auto">.
 * Property token: () => Promise<string> for pages of other origins. Events belfry-open (cancelable,
 * detail: the message), belfry-count, belfry-error.
 */
export class BelfryBell extends HTMLElement {
  static observedAttributes = ["lang", "theme", "src", "inbox"];

  /** An inbox that the host listens to already. */
  live: Live | undefined;

  private ask: (() => Promise<string>) | undefined;
  private started = false;
  private store: Store | undefined;
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly button = make("button", { class: "bell", part: "button", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" });
  private readonly panel = make("div", { class: "panel", part: "panel", role: "dialog", hidden: "" });
  private told: number | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    this.button.innerHTML = icon;
    root.append(this.button, this.panel);
    this.button.addEventListener("click", () => (this.panel.hidden ? this.show() : this.hide()));
    root.addEventListener("keydown", (event) => (event as KeyboardEvent).key === "Escape" && this.hide());
  }

  /** Gives a token where the page has no session with Belfry; asked at the start and on 401. */
  get token(): (() => Promise<string>) | undefined {
    return this.ask;
  }

  set token(ask) {
    this.ask = ask;
    if (this.started) this.again();
  }

  connectedCallback() {
    this.started = true;
    if (Object.hasOwn(this, "token")) {
      this.ask = this.token; // set before this script came
      Reflect.deleteProperty(this, "token");
    }
    this.dark.addEventListener("change", this.colour);
    document.addEventListener("pointerdown", this.leave);
    this.colour();
    const base = new URL(this.getAttribute("src") || location.origin, location.href).origin.replace(location.origin, "");
    if (!base || this.ask) {
      this.store = new Store(
        { base, inbox: this.getAttribute("inbox") === "account" ? "account" : "mine", limit: Number(this.getAttribute("limit")) || 20, ...(this.ask && { token: this.ask }), ...(this.live && { live: this.live }) },
        (event) => this.update(event),
      );
    }
    this.update();
  }

  private again() {
    this.disconnectedCallback();
    this.connectedCallback();
  }

  disconnectedCallback() {
    this.started = false;
    this.dark.removeEventListener("change", this.colour);
    document.removeEventListener("pointerdown", this.leave);
    this.store?.close();
    this.store = undefined;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null) {
    if (!this.started || before === after) return;
    if (name === "src" || name === "inbox") {
      this.again();
    } else {
      this.colour();
      this.update();
    }
  }

  private readonly colour = () => {
    const wanted = this.getAttribute("theme") ?? "auto";
    this.toggleAttribute("data-dark", wanted === "dark" || (wanted === "auto" && this.dark.matches));
  };

  private readonly leave = (event: Event) => {
    if (!this.panel.hidden && !event.composedPath().includes(this)) this.hide(false);
  };

  private get texts(): Texts {
    return textsOf(this.lang || document.documentElement.lang || navigator.language);
  }

  private show() {
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    const { bottom, right } = this.button.getBoundingClientRect();
    this.panel.style.top = `${Math.min(bottom + 4, innerHeight - 120)}px`;
    this.panel.style.left = `${Math.max(8, Math.min(right - 380, innerWidth - 396))}px`;
    this.draw();
    this.panel.querySelector<HTMLElement>("button")?.focus();
    void this.store?.read();
  }

  private hide(focus = true) {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (focus) this.button.focus();
  }

  private update(event?: LiveEvent) {
    const { store, texts } = this;
    this.button.classList.toggle("lost", !store?.connected);
    this.button.setAttribute("aria-label", store?.unread === undefined ? texts.lost : texts.label(store.unread));
    this.button.querySelector(".number")?.remove();
    if (!store) return;
    if (store.unread) this.button.append(make("span", { class: "number", part: "number", "aria-hidden": "true" }, store.unread > 99 ? "99+" : String(store.unread)));
    if (store.unread !== undefined && store.unread !== this.told) this.send("belfry-count", { unread: (this.told = store.unread) });
    if (store.failed) this.send("belfry-error", {});
    if (event?.kind === "message" && this.hasAttribute("popups") && !document.hidden) this.popUp(event.message);
    if (!this.panel.hidden) this.draw();
  }

  private draw() {
    const { store, texts } = this;
    if (!store) return;
    const focused = (this.shadowRoot?.activeElement as HTMLElement | null)?.dataset.key;
    const tab = (name: "unread" | "all") => this.act(name, texts[name], () => store.choose(name), { class: "tab", "aria-pressed": String(store.tab === name) });
    const close = this.act("close", "✕", () => this.hide(), { class: "close", "aria-label": texts.close });
    const list = make("ul", { part: "list" }, ...(store.rows ?? []).map((row) => this.row(row)));
    const note = store.failed ? texts.failed : store.rows?.length === 0 ? (store.tab === "unread" ? texts.noUnread : texts.empty) : "";
    const all = make("a", { href: this.getAttribute("href") ?? `${this.getAttribute("src") ?? ""}/console/${this.getAttribute("inbox") === "account" ? "inbox" : "me/inbox"}`, "data-key": "all-messages" }, texts.allMessages);
    all.addEventListener("click", () => this.hide(false));
    const foot = make("div", { class: "foot" }, all);
    if (store.unread) foot.prepend(this.act("mark-all", texts.markAll(store.unread), () => void store.markAll(), { class: "all" }));
    this.panel.setAttribute("aria-label", texts.messages);
    this.panel.replaceChildren(make("div", { class: "head" }, tab("unread"), tab("all"), close), ...(note ? [make("p", { class: "note", role: "status" }, note)] : [list]), foot);
    const keyed = [...this.panel.querySelectorAll<HTMLElement>("[data-key]")];
    if (focused) (keyed.find((each) => each.dataset.key === focused) ?? keyed[0])?.focus();
  }

  private row(row: Row): HTMLElement {
    const { texts } = this;
    const language = this.lang || document.documentElement.lang || "en-US";
    const open = make("button", { class: "open", type: "button", "data-key": `open ${row.id}` }, make("span", { lang: row.language }, row.title), make("time", { datetime: row.created_at }, relative(new Date(row.created_at), new Date(), language)));
    open.addEventListener("click", () => this.open(row));
    const item = make("li", { class: `${row.read ? "" : "unread"} ${row.severity}` }, open);
    if (!row.read) item.append(this.act(`mark ${row.id}`, texts.mark, () => this.store?.mark(row.id), { class: "mark", "aria-label": `${texts.mark}: ${row.title}` }));
    return item;
  }

  private act(key: string, text: string, run: () => void, attributes: Record<string, string>): HTMLElement {
    const button = make("button", { type: "button", "data-key": key, ...attributes }, text);
    button.addEventListener("click", run);
    return button;
  }

  private open(message: LiveMessage) {
    this.hide();
    if (!this.send("belfry-open", message)) return;
    location.assign(`${this.getAttribute("src") ?? ""}/console/${this.getAttribute("inbox") === "account" ? "inbox" : "me/inbox"}/${message.id}`);
  }

  private popUp(message: LiveMessage) {
    this.shadowRoot?.querySelector(".toast")?.remove();
    const critical = message.severity === "critical";
    const toast = make("button", { class: critical ? "toast critical" : "toast", part: "toast", type: "button", role: critical ? "alert" : "status", lang: message.language }, message.title);
    toast.addEventListener("click", () => (toast.remove(), this.open(message)));
    this.shadowRoot?.append(toast);
    if (!critical) setTimeout(() => toast.remove(), 6000);
  }

  private send(name: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable: true, bubbles: true, composed: true }));
  }
}

if (!customElements.get("belfry-bell")) customElements.define("belfry-bell", BelfryBell);
