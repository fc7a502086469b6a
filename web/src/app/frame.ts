// The page that shows a mail inside the console: it has a policy of its own, runs nothing of
// the mail, and takes it from the console alone.
addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.source !== parent || typeof event.data?.mail !== "string") return;
  const mail = new DOMParser().parseFromString(event.data.mail, "text/html");
  for (const each of mail.querySelectorAll("script, iframe, object, embed, link, meta, base")) each.remove();
  for (const each of mail.querySelectorAll("a")) {
    each.target = "_blank";
    each.rel = "noopener noreferrer";
  }
  document.documentElement.lang = mail.documentElement.lang || "en";
  document.body.replaceChildren(...mail.head.querySelectorAll("style"), ...mail.body.childNodes);
});
parent.postMessage("ready", location.origin);
