import "./nonce.ts";
import "./base.css";
import "./parts.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "@/lib/client";
import { profileQuery } from "@/lib/can";
import { languageOf, startTexts } from "@/lib/i18n";
import { Providers } from "./providers.tsx";
import { makeRouter } from "./router.tsx";
import { chosen } from "./settings.ts";
import { loadTexts } from "./texts.ts";

const client = createQueryClient(() => void client.invalidateQueries({ queryKey: profileQuery.queryKey }));
const router = makeRouter(client);

await startTexts(languageOf(chosen().language, navigator.language), loadTexts);
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
