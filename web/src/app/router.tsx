import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { Problem } from "@/lib/client";
import { profileQuery } from "@/lib/can";
import { addTexts, showLanguage } from "@/lib/i18n";
import { spoken } from "./language.ts";
import { Broken } from "./pages/Broken.tsx";
import { Guarded } from "./pages/Guarded.tsx";
import type { Route } from "./route.ts";
import { routes } from "./routes.ts";
import { loadOtherTexts, loadTexts } from "./texts.ts";

/** Builds the router of the table of routes. */
export function makeRouter(client: QueryClient) {
  const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Outlet, errorComponent: Broken });
  const inside = createRoute({
    getParentRoute: () => root,
    id: "inside",
    component: lazyRouteComponent(() => import("./shell/Shell.tsx"), "Shell"),
    beforeLoad: async ({ location }) => {
      try {
        await showLanguage(spoken(await client.ensureQueryData(profileQuery)), loadTexts); // nothing flashes in another language
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.status === 401) throw redirect({ to: "/sign-in", search: { next: location.href } as never });
        throw thrown;
      }
    },
  });
  const page = (route: Route, parent: () => typeof root | typeof inside) =>
    createRoute({
      getParentRoute: parent as () => typeof root,
      path: route.path,
      component: route.needs ? guarded(route.needs, lazyRouteComponent(() => read(route), "Page")) : lazyRouteComponent(() => read(route), "Page"),
      errorComponent: Broken,
    });
  const tree = root.addChildren([
    ...routes.filter((route) => route.outside).map((route) => page(route, () => root)),
    inside.addChildren(routes.filter((route) => !route.outside).map((route) => page(route, () => inside))),
  ]);
  return createRouter({ routeTree: tree, basepath: "/console", context: { client }, defaultPreload: false, scrollRestoration: false, defaultPendingMs: 150, parseSearch, stringifySearch });
}

/** Parameters of addresses are plain words here, not JSON: "?q=12" is the text 12. */
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const set = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

/** Reads a page with its texts. */
async function read(route: Route) {
  const [page] = await Promise.all([route.page(), route.first || addTexts(loadOtherTexts)]);
  return page;
}

function guarded(needs: string, Inner: ReturnType<typeof lazyRouteComponent>) {
  return function Page() {
    return (
      <Guarded needs={needs}>
        <Inner />
      </Guarded>
    );
  };
}
