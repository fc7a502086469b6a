import type { Failure } from "@api/types.gen";

/** What is wrong with one value of a request. */
export interface Fault {
  /** "#/addresses/0/value" in the body, "query/limit", "header/If-Match". */
  pointer: string;
  code: string;
  detail: string;
}

/** Every failure of a request: of the server, in its words, or of the way to it. */
export class Problem extends Error {
  /** The last part of the document's type, "validation-failed"; "offline" when nobody answered. */
  readonly code: string;
  /** 0 when nobody answered. */
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly Fault[];
  readonly requestId: string;
  /** Seconds to wait before the next try; 0 for none. */
  readonly retryAfter: number;

  constructor(failure: Partial<Failure> & { code?: string; retryAfter?: number }) {
    super(failure.detail ?? failure.title ?? failure.code ?? "");
    this.name = "Problem";
    this.code = failure.code ?? failure.type?.split("/").pop() ?? "internal-error";
    this.status = failure.status ?? 0;
    this.detail = failure.detail ?? "";
    this.errors = failure.errors ?? [];
    this.requestId = failure.request_id ?? "";
    this.retryAfter = failure.retryAfter ?? 0;
  }

  /** Reads the answer's problem document; what is none (a proxy's page) has the status only. */
  static async of(response: Response): Promise<Problem> {
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    const requestId = response.headers.get("X-Request-ID") ?? "";
    if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
      const failure = (await response.json()) as Failure;
      return new Problem({ ...failure, retryAfter });
    }
    const code = response.status === 503 || response.status === 502 || response.status === 504 ? "unavailable" : "internal-error";
    return new Problem({ status: response.status, code, request_id: requestId, retryAfter });
  }

  /** Nobody answered: no network, or no server. */
  static offline(): Problem {
    return new Problem({ code: "offline", status: 0 });
  }

  /** Whether the same request may go through a little later. */
  get passes(): boolean {
    return this.code === "offline" || [429, 502, 503, 504].includes(this.status);
  }
}

/** What was thrown, as a Problem: mistakes of our own have no request. */
export function problemOf(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem({ code: "internal-error", detail: String(thrown) });
}
