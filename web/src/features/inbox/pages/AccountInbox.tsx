import { InboxPage } from "../components/InboxPage.tsx";

/** The account's inbox. */
export const Page = () => <InboxPage box="message" />;
