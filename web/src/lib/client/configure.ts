import type { CreateClientConfig } from "@api/client.gen";
import { connection } from "./connection.ts";
import { newKey } from "./intent.ts";
import { Problem } from "./problem.ts";
import { signedInAgain } from "./session.ts";

/** Settings of the generated client: every failure is thrown as a Problem. */
export const createClientConfig: CreateClientConfig = (config) => ({ ...config, baseUrl: "", credentials: "same-origin", fetch: send });

/** Paths whose 401 is an answer, not the end of a session. */
const signsIn = "/v1/sessions";

/** Sends a request; throws a Problem for every failure but an abort. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  if (request.method !== "GET" && !request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", newKey());
  const again = request.clone();
  let response = await reach(request);
  if (response.status === 401 && !request.url.endsWith(signsIn) && (await signedInAgain())) response = await reach(again);
  if (!response.ok) throw await Problem.of(response);
  return response;
}

/** Sends once, and notes whether anybody is there. */
async function reach(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    connection.note(response.status < 502 || response.status > 504);
    return response;
  } catch (thrown) {
    if (request.signal.aborted) throw thrown;
    connection.note(false);
    throw Problem.offline();
  }
}
