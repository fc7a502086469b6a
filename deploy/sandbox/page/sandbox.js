// Reloads a list when something new was caught; a detail page stays as it is.
const { medium, count } = document.body.dataset;
if (location.pathname === "/" + medium) {
  setInterval(async () => {
    try {
      const counts = await (await fetch("/api/counts")).json();
      if (String(counts[medium]) !== count) location.reload();
    } catch {
      // Belfry is not running; the next try will tell.
    }
  }, 1000);
}
