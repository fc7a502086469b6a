import { type ReactNode, useEffect, useRef } from "react";
import { useLive } from "@/lib/live";
import { useBrand } from "@/lib/site";

/** What comes behind every title of a page, in the browser's tab. */

/** A page: its one heading, which gets the focus when the page opens, and what one does on it. */
export function Page({ title, tools, children, name }: { title: string; tools?: ReactNode; children: ReactNode; name?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { unread } = useLive();
  const { name: brand } = useBrand();
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ""}${title} · ${brand}`;
  }, [title, unread, brand]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className={`b-page ${name ? `b-page-${name}` : ""}`}>
      <header className="b-page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {tools && <div className="b-tools">{tools}</div>}
      </header>
      {children}
    </div>
  );
}
