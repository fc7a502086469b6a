/** Nouns whose page is the platform's. */
const ofPlatform = ["announcements", "products"];

/** What the server names by "bots/<id>" or "products/<id>/keys/<id>": its noun, its id, and the page where it is ended. */
export function outlasting(pointer: string): { noun: string; id: string; to: string } {
  const [noun = "", holder = "", ...inner] = pointer.split("/");
  return { noun, id: inner.at(-1) ?? holder, to: `${ofPlatform.includes(noun) ? "/platform" : ""}/${noun}/${holder}` };
}
