/**
 * Changed addresses of single-page applications. The Navigation API tells them without a patch; only a browser that
 * lacks it gets its history functions wrapped.
 */
import { listen } from "./listening.ts";

export type NavigationKind = "load" | "push" | "replace" | "pop" | "hash";

/** Payload of the custom event `rrhog.navigation`, from which the core derives `$pageview`. */
export interface Navigation {
  href: string;
  title: string;
  referrer: string;
  kind: NavigationKind;
}

interface NavigationApi {
  currentEntry: object | null;
  addEventListener(type: "currententrychange", listener: (event: { navigationType: string | null }) => void): void;
}

/** Calls `onChange` after each change of address within the page, never twice for one. */
export function watchNavigation(onChange: (navigation: Navigation) => void): void {
  let href = location.href;

  function changed(kind: NavigationKind): void {
    const referrer = href;
    if (location.href === referrer) return;
    href = location.href;
    const onlyHash = withoutHash(href) === withoutHash(referrer);
    const at = href;
    // A turn later the application has set the title that belongs to the address.
    setTimeout(() => onChange({ href: at, title: document.title, referrer, kind: onlyHash ? "hash" : kind }));
  }

  const { navigation } = window as { navigation?: NavigationApi };
  // A page may have something else by that name: a variable, or an element.
  if (navigation?.currentEntry) {
    navigation.addEventListener("currententrychange", ({ navigationType }) => {
      if (navigationType === "push" || navigationType === "replace") changed(navigationType);
      else if (navigationType === "traverse") changed("pop");
    });
    return;
  }
  wrap("pushState", () => changed("push"));
  wrap("replaceState", () => changed("replace"));
  listen(window, "popstate", () => changed("pop"));
  listen(window, "hashchange", () => changed("hash"));
}

function withoutHash(href: string): string {
  return href.split("#", 1)[0] as string;
}

function wrap(name: "pushState" | "replaceState", after: () => void): void {
  const original = history[name];
  history[name] = function (this: History, ...args) {
    original.apply(this, args);
    after();
  };
}
