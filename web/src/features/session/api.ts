import { sessionCreate } from "@api/sdk.gen";
import { useQueryClient } from "@tanstack/react-query";
import type { Sending } from "@/components/ui";
import { Problem } from "@/lib/client";
import { profileQuery } from "@/lib/can";

/** What one signs in with. */
export interface Credentials {
  account: string;
  name: string;
  password: string;
}

/** The browser kept no cookie: it came over plain http from a real host. */
export const cookieDropped = "cookie-dropped";

/** Signs in with a cookie, and reads who that is: a browser that drops the cookie is found out at once. */
export function useSignIn() {
  const client = useQueryClient();
  return async (body: Credentials, { headers }: Sending) => {
    await sessionCreate({ body: { ...body, cookie: true }, headers });
    client.clear();
    try {
      return await client.fetchQuery(profileQuery);
    } catch (thrown) {
      throw thrown instanceof Problem && thrown.status === 401 ? new Problem({ code: cookieDropped, status: 401 }) : thrown;
    }
  };
}
