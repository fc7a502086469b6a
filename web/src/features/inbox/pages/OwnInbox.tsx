import { InboxPage } from "../components/InboxPage.tsx";

/** The inbox with what was addressed to the reader. */
export const Page = () => <InboxPage box="my_message" />;
