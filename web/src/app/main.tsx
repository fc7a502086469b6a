import "./nonce.ts";
import "./base.css";
import "./parts.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "@/lib/client";
import { profileQuery } from "@/lib/can";
import { type Language, languageOf, startTexts } from "@/lib/i18n";
import { siteQuery } from "@/lib/site";
import { Providers } from "./providers.tsx";
import { makeRouter } from "./router.tsx";
import { chosen } from "./settings.ts";
import { loadTexts } from "./texts.ts";

const client = createQueryClient(() => void client.invalidateQueries({ queryKey: profileQuery.queryKey }));
const router = makeRouter(client);

/** What was chosen in this browser, else what the browser speaks, else what the platform does. */
async function firstLanguage(): Promise<Language> {
  const wanted = chosen().language || navigator.language;
  if (/^(zh|en)\b/i.test(wanted)) return languageOf(wanted);
  return client.fetchQuery(siteQuery).then(
    (site) => languageOf(site.language),
    () => languageOf(wanted),
  );
}

await startTexts(await firstLanguage(), loadTexts);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers client={client}>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>,
  );
}
