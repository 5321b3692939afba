// Addresses of the page: real paths, so that back, forward, reload and bookmarks work.

class Router {
  path = $state(typeof location === "undefined" ? "/" : location.pathname);

  constructor() {
    if (typeof window === "undefined") return;
    window.addEventListener("popstate", () => (this.path = location.pathname));
  }

  go(path: string, replace = false): void {
    if (path === location.pathname) return;
    if (replace) history.replaceState(null, "", path);
    else history.pushState({ within: true }, "", path);
    this.path = path;
  }

  /** Go back where the page came from, or to `path` when it was opened here. */
  back(path: string): void {
    if ((history.state as { within?: boolean } | null)?.within) history.back();
    else this.go(path, true);
  }

  /** What follows `prefix` in the path, undefined when the path is another one. */
  rest(prefix: string): string | undefined {
    return this.path.startsWith(prefix) ? decodeURIComponent(this.path.slice(prefix.length)) : undefined;
  }
}

export const router = new Router();

/** Let plain clicks on links stay within the page; new tabs and downloads are the browser's affair. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.("a");
  if (!link || link.target || link.hasAttribute("download") || link.dataset["external"] !== undefined) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || /^\/(api|media|docs)\b/.test(url.pathname)) return;
  event.preventDefault();
  router.go(url.pathname);
}
