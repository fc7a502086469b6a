// Imported before everything else: gives the page's nonce to every style sheet that a script
// makes. Some of antd's forget it, and the page's policy takes no style sheet without one.
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

const create = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const element = create(name, options);
  if (nonce && name.toLowerCase() === "style") element.nonce = nonce;
  return element;
}) as typeof document.createElement;
