/**
 * Where a page can hold what nobody but its visitor is to see. docs/privacy.md has the same table for people, and
 * privacy.test.ts plants a secret in each of them: in the page as it loads, in what is added later, in changed attributes,
 * in changed text, in what is typed, and before a second full snapshot.
 */

export interface Fixture {
  /** As docs/privacy.md names it. */
  name: string;
  /** The first preset that hides it; `strict` hides what `balanced` does. */
  hiddenFrom: "balanced" | "strict";
  html(secret: string): string;
}

const JWT_HEAD = "eyJhbGciOiJIUzI1NiJ9";

function shadow(html: string, host = ""): string {
  return `<div ${host}><template shadowrootmode="open">${html}</template></div>`;
}

function frame(html: string, attributes = ""): string {
  const text = `<!doctype html><body class="in-frame">${html}`.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<iframe ${attributes} srcdoc="${text}"></iframe>`;
}

function fields(secret: string): string {
  const kinds = ["text", "email", "tel", "search", "url"];
  return kinds.map((type) => `<input type="${type}" value="${secret}">`).join("");
}

/** Each attribute that people or assistive technology read, and those that frameworks leave. */
function speaking(secret: string): string {
  const names = ["title", "aria-label", "aria-description", "aria-valuetext", "aria-placeholder"];
  const own = ["data-value", "data-user-email", "ng-reflect-model", ":model", "x.text", "@value"];
  return [...names, ...own].map((name) => `${name}="${secret}"`).join(" ");
}

export const FIXTURES: Fixture[] = [
  { name: "inputs", hiddenFrom: "balanced", html: fields },
  { name: "hidden inputs", hiddenFrom: "balanced", html: (s) => `<input type="hidden" value="${s}">` },
  { name: "passwords", hiddenFrom: "balanced", html: (s) => `<input type="password" value="${s}">` },
  {
    name: "a password shown by a toggle",
    hiddenFrom: "balanced",
    html: (s) => `<input type="password" class="toggled" value="${s}">`,
  },
  {
    name: "what the browser fills in",
    hiddenFrom: "balanced",
    html: (s) =>
      ["current-password", "one-time-code", "cc-number", "email", "street-address"]
        .map((name) => `<input autocomplete="${name}" value="${s}">`)
        .join(""),
  },
  { name: "textareas", hiddenFrom: "balanced", html: (s) => `<textarea>${s}</textarea>` },
  {
    name: "a textarea that was emptied",
    hiddenFrom: "balanced",
    html: (s) => `<textarea class="emptied">${s}</textarea>`,
  },
  {
    name: "select options",
    hiddenFrom: "balanced",
    html: (s) =>
      `<select><option>${s}<option selected value="${s}" label="${s}" data-name="${s}">${s}</option>
       <optgroup label="${s}"><option>${s}</option></optgroup></select>`,
  },
  {
    name: "checkboxes and radio buttons",
    hiddenFrom: "balanced",
    html: (s) => `<input type="checkbox" value="${s}" checked><input type="radio" name="choice" value="${s}" checked>`,
  },
  {
    name: "editable text",
    hiddenFrom: "balanced",
    html: (s) =>
      `<div contenteditable>${s} <b title="${s}" data-mention="${s}">${s}</b> <a href="mailto:${s}">${s}</a>
       <i contenteditable="false">${s}</i></div><p contenteditable="plaintext-only">${s}</p>`,
  },
  {
    name: "addresses of links in editable text",
    hiddenFrom: "balanced",
    html: (s) =>
      `<div contenteditable><a href="https://docs.example/${s}">1</a></div>
       ${frame(`<a href="https://docs.example/${s}">2</a><script>document.designMode = "on"</script>`)}`,
  },
  {
    name: "documents in design mode",
    hiddenFrom: "balanced",
    html: (s) => frame(`<p title="${s}">${s}</p><script>document.designMode = "on"</script>`),
  },
  {
    name: "attributes of fields",
    hiddenFrom: "balanced",
    html: (s) => `<input placeholder="${s}" ${speaking(s)}><textarea placeholder="${s}" ${speaking(s)}></textarea>
      <div contenteditable ${speaking(s)}></div>`,
  },
  {
    name: "copies of a value around its field",
    hiddenFrom: "balanced",
    html: (s) => `<div class="grows" data-replicated-value="${s}" title="${s}"><textarea>${s}</textarea></div>`,
  },
  {
    name: "copies of a value on the component that its field is in",
    hiddenFrom: "balanced",
    html: (s) =>
      `<x-field value="${s}" entry="${s}"><template shadowrootmode="open"><div><input></div></template></x-field>`,
  },
  {
    name: "fields in shadow trees",
    hiddenFrom: "balanced",
    html: (s) => shadow(`<label>Name</label>${shadow(fields(s))}<div contenteditable>${s}</div>`),
  },
  {
    name: "fields in frames of the same origin",
    hiddenFrom: "balanced",
    html: (s) => frame(`${fields(s)}<textarea>${s}</textarea><div contenteditable>${s}</div>`),
  },
  { name: "the source of a frame (`srcdoc`)", hiddenFrom: "balanced", html: (s) => frame(`<!-- ${s} --><p>Frame</p>`) },
  {
    name: "masked elements, by class, attribute and selector",
    hiddenFrom: "balanced",
    html: (s) =>
      ['class="rr-mask"', "data-rrhog-mask", 'class="order private"']
        .map((how) => `<div ${how} ${speaking(s)}>${s}<p ${speaking(s)}>${s} <img alt="${s}" src="/a.png"></p></div>`)
        .join(""),
  },
  {
    name: "shadow trees of masked elements",
    hiddenFrom: "balanced",
    html: (s) => shadow(`<p title="${s}">${s}</p>${shadow(`<p>${s}</p>`)}`, "data-rrhog-mask"),
  },
  {
    name: "frames in masked elements",
    hiddenFrom: "balanced",
    html: (s) => `<div class="rr-mask">${frame(`<p title="${s}">${s}</p>${shadow(`<p>${s}</p>`)}`)}</div>`,
  },
  {
    name: "masked elements in unmasked ones",
    hiddenFrom: "balanced",
    html: (s) => `<div data-rrhog-unmask><p class="rr-mask" title="${s}">${s}</p><input value="${s}"></div>`,
  },
  {
    name: "passwords in unmasked elements",
    hiddenFrom: "balanced",
    html: (s) => `<input data-rrhog-unmask type="password" value="${s}">`,
  },
  {
    name: "blocked elements, by class, attribute and selector",
    hiddenFrom: "balanced",
    html: (s) =>
      ['class="rr-block"', "data-rrhog-block", 'class="chat"']
        .map((how) => `<div ${how} ${speaking(s)}>${s}<p ${speaking(s)}>${s}</p></div>`)
        .join(""),
  },
  {
    name: "shadow trees of blocked elements",
    hiddenFrom: "balanced",
    html: (s) => shadow(`<p ${speaking(s)}>${s}</p>`, "data-rrhog-block"),
  },
  {
    name: "blocked frames",
    hiddenFrom: "balanced",
    html: (s) => frame(`<p ${speaking(s)}>${s}</p>`, 'class="rr-block"'),
  },
  {
    name: "ignored fields",
    hiddenFrom: "balanced",
    html: (s) => `<input class="rr-ignore" value="${s}"><input data-rrhog-ignore data-rrhog-unmask value="${s}">`,
  },
  {
    name: "what only programs read: comments, scripts, `noscript`, `meta`, handlers",
    hiddenFrom: "balanced",
    html: (s) =>
      `<!-- ${s} --><script type="application/json">{"user":"${s}"}</script><noscript><p>${s}</p></noscript>
       <meta name="user" content="${s}"><template><p>${s}</p></template><p onclick="pay('${s}')">Pay</p>`,
  },
  {
    name: "secrets in addresses",
    hiddenFrom: "balanced",
    html: (s) =>
      `<a href="/reset?token=${s}&page=2">1</a><a href="/cb#access_token=${s}">2</a><a href="#/in?code=${s}">3</a>
       <a href="https://${s}:${s}@shop.example/">4</a><a href="/verify/${JWT_HEAD}.${s}.${s}">5</a>
       <form action="/pay?session_id=${s}"><button formaction="/pay?api_key=${s}">6</button></form>
       <img src="/a.png?X-Amz-Signature=${s}" srcset="/a.png?sig=${s} 1x, /b.png?sig=${s} 2x" alt="">
       <div style="background: url(/c.png?sig=${s}); color: red" data-url="/d?token=${s}">7</div>
       <style>.c { background: url("/e.png?sig=${s}") }</style><svg><a href="/f?key=${s}"><text>8</text></a></svg>`,
  },
  { name: "text", hiddenFrom: "strict", html: (s) => `<p>${s} <b>${s}</b></p><svg><text>${s}</text></svg>` },
  {
    name: "text in shadow trees and frames",
    hiddenFrom: "strict",
    html: (s) => shadow(`<p>${s}</p>`) + frame(`<p>${s}</p>`),
  },
  { name: "attributes of elements", hiddenFrom: "strict", html: (s) => `<p ${speaking(s)}>Text</p>` },
  {
    name: "attributes of custom elements",
    hiddenFrom: "strict",
    html: (s) => `<user-card heading="${s}" fullname="${s}"></user-card>`,
  },
  {
    name: "labels of buttons",
    hiddenFrom: "strict",
    html: (s) => `<input type="submit" value="${s}"><input type="button" value="${s}"><button>${s}</button>`,
  },
  {
    name: "pictures and media",
    hiddenFrom: "strict",
    html: (s) =>
      `<img src="/${s}.png" alt="${s}"><video poster="/${s}.png" src="/${s}.mp4"></video><audio src="/${s}.mp3"></audio>
       <picture><source srcset="/${s}.webp"></picture><svg><image href="/${s}.svg"></image></svg>`,
  },
  { name: "queries of addresses", hiddenFrom: "strict", html: (s) => `<a href="/search?q=${s}#/list?q=${s}">1</a>` },
  { name: "telephone links", hiddenFrom: "strict", html: (s) => `<a href="tel:${s}">1</a>` },
];

export function fixturesOf(marks: Record<Fixture["hiddenFrom"], string>, phase: string): string {
  return FIXTURES.map(({ hiddenFrom, html }, i) => html(`${marks[hiddenFrom]}-${i}-${phase}`)).join("\n");
}
