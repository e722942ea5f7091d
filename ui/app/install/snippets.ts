/** What goes into a site so that it is recorded, by how the site is made. */
export interface Snippet {
  id: string;
  label: string;
  /** Where it goes. */
  where: string;
  code: string;
}

/** @param key a write key */
export function snippetsFor(edgeUrl: string, key: string): Snippet[] {
  return [
    {
      id: "html",
      label: "HTML",
      where: "Into the head of each page, as high as it may stand.",
      code: `<script async src="${edgeUrl}/rrhog.js" data-key="${key}"></script>`,
    },
    {
      id: "npm",
      label: "npm",
      where: "The package is made in rrHog's own folder: npm pack ./sdk. Then, where your app begins:",
      code: `// npm install ./rrhog-browser-*.tgz
import { rrhog } from "@rrhog/browser";

rrhog.init({ key: "${key}", host: "${edgeUrl}" });`,
    },
    {
      id: "react",
      label: "React",
      where:
        "With the package, as under npm: once around the app. sdk/examples has it as a hook that identifies people too.",
      code: `import { rrhog } from "@rrhog/browser";
import { useEffect } from "react";

export function Recorded({ children }) {
  useEffect(() => {
    rrhog.init({ key: "${key}", host: "${edgeUrl}" });
  }, []);
  return children;
}`,
    },
    {
      id: "tag-manager",
      label: "Tag manager",
      where:
        "As a tag of custom HTML, on all pages, as early as it can be. Tag managers drop data attributes of their own tags, so it is set here.",
      code: `<script>
  (function () {
    var script = document.createElement("script");
    script.async = true;
    script.src = "${edgeUrl}/rrhog.js";
    script.setAttribute("data-key", "${key}");
    document.head.appendChild(script);
  })();
</script>`,
    },
  ];
}

/** What a site's Content Security Policy has to allow, where it has one. */
export function policyFor(edgeUrl: string): string {
  return `script-src ${edgeUrl}; connect-src ${edgeUrl}; worker-src blob:`;
}
