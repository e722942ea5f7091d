/**
 * Takes out of @rrweb/record, while it is bundled, what costs the page most and records nothing: docs/decisions/0013 has
 * the figures. Each change is text for text, so a version of rrweb that reads otherwise ends the build. That both record
 * the same is what test/faster-rrweb.test.ts holds.
 */
import type { Plugin } from "vite";

interface Change {
  /** Why it records the same. */
  why: string;
  from: string;
  to: string;
}

/** Characters: what changed in a style, told property by property, is seldom shorter. */
const SHORT_STYLE = 100;

/** Members of a node read through the browser's own getters, found once. */
const GETTERS = [
  "ownerDocument",
  "childNodes",
  "parentNode",
  "parentElement",
  "textContent",
  "firstChild",
  "lastChild",
  "nextSibling",
  "previousSibling",
];

/** What rrweb hands to each observer of mutations. */
const HANDED = [
  "mutationCb",
  "blockClass",
  "blockSelector",
  "maskTextClass",
  "maskTextSelector",
  "inlineStylesheet",
  "maskInputOptions",
  "maskTextFn",
  "maskInputFn",
  "keepIframeSrcFn",
  "recordCanvas",
  "inlineImages",
  "slimDOMOptions",
  "dataURLOptions",
  "doc",
  "mirror",
  "iframeManager",
  "stylesheetManager",
  "shadowDomManager",
  "canvasManager",
  "processedNodeManager",
];

export const CHANGES: Change[] = [
  ...GETTERS.map((name) => ({
    why: "the same getter, without looking it up by name for each node",
    from: `function ${name}(n) {
  return getUntaintedAccessor("Node", n, "${name}");
}`,
    to: `let ${name}Of;
function ${name}(n) {
  if (${name}Of) return ${name}Of.call(n);
  const value = getUntaintedAccessor("Node", n, "${name}");
  ${name}Of = untaintedAccessorCache.Node?.${name};
  return value;
}`,
  })),
  {
    why: "the same method, called without making a bound copy of it for each node",
    from: `function contains(n, other) {
  return getUntaintedMethod("Node", n, "contains")(other);
}`,
    to: `function contains(n, other) {
  const own = untaintedMethodCache["Node.contains"];
  return own ? own.call(n, other) : getUntaintedMethod("Node", n, "contains")(other);
}`,
  },
  {
    why: "the same children, without a live list for each node",
    from: "for (const childN of Array.from(index.childNodes(n))) {",
    to: "for (let childN = index.firstChild(n); childN; childN = index.nextSibling(childN)) {",
  },
  {
    why: "likewise",
    from: "index.childNodes(n).forEach((childN) => this.genAdds(childN));",
    to: "for (let childN = index.firstChild(n); childN; childN = index.nextSibling(childN)) this.genAdds(childN);",
  },
  {
    why: "likewise",
    from: "index.childNodes(n).forEach((childN) => deepDelete(addsSet, childN));",
    to: "for (let childN = index.firstChild(n); childN; childN = index.nextSibling(childN)) deepDelete(addsSet, childN);",
  },
  {
    why: "likewise",
    from: "index.childNodes(next).forEach((n2) => queue.push(n2));",
    to: "for (let n2 = index.firstChild(next); n2; n2 = index.nextSibling(n2)) queue.push(n2);",
  },
  {
    why: "likewise",
    from: `    if (n.childNodes) {
      n.childNodes.forEach(
        (childNode) => this.removeNodeFromMap(childNode)
      );
    }`,
    to: "    for (let c = n.firstChild; c; c = c.nextSibling) this.removeNodeFromMap(c);",
  },
  {
    why: "the recorder's selector names rrweb's class too; asked by the browser's own method, since a form may have a field of its name",
    from: "function _isBlockedElement(element, blockClass, blockSelector) {",
    to: `function _isBlockedElement(element, blockClass, blockSelector) {
  return Element.prototype.matches.call(element, blockSelector);`,
  },
  {
    why: "likewise",
    from: "function isBlocked(node, blockClass, blockSelector, checkAncestors) {",
    to: `function isBlocked(node, blockClass, blockSelector, checkAncestors) {
  const element = closestElementOfNode(node);
  const { matches, closest } = Element.prototype;
  return Boolean(element && (checkAncestors ? closest : matches).call(element, blockSelector));`,
  },
  {
    why: "the same names and values, without an Attr object for each",
    from: `  const len = n.attributes.length;
  for (let i = 0; i < len; i++) {
    const attr = n.attributes[i];
    if (!ignoreAttribute(tagName, attr.name, attr.value)) {
      attributes[attr.name] = transformAttribute(
        doc,
        tagName,
        toLowerCase(attr.name),
        attr.value
      );
    }
  }`,
    to: `  for (const name of n.getAttributeNames()) {
    if (!ignoreAttribute(tagName, name)) {
      attributes[name] = transformAttribute(doc, tagName, toLowerCase(name), n.getAttribute(name));
    }
  }`,
  },
  {
    why: "a custom element has a hyphen in its name (HTML, 4.13.3)",
    from: "if (customElements.get(tagName)) isCustomElement = true;",
    to: `if (tagName.includes("-") && customElements.get(tagName)) isCustomElement = true;`,
  },
  {
    why: "children get the options of their parent, as long as nothing in them differs",
    from: "    const bypassOptions = {\n      doc,",
    to: `    const isCss = typeof serializedNode.attributes?._cssText === "string";
    const bypassOptions = options.cssCaptured === false && !isCss && options.needsMask === needsMask && options.preserveWhiteSpace === preserveWhiteSpace ? options : {
      doc,`,
  },
  {
    why: "the whole of a short style is no longer than what changed in it, and needs no comparing of each property",
    from: `            if (attributeName === "style") {
              if (!this.unattachedDoc) {`,
    to: `            if (attributeName === "style" && (value || "").length < ${SHORT_STYLE}) {
              item.styleDiff = null;
            } else if (attributeName === "style") {
              if (!this.unattachedDoc) {`,
  },
  {
    why: "of such a style",
    from: `          if (typeof attributes.style === "string") {
            const diffAsStr`,
    to: `          if (typeof attributes.style === "string" && attribute.styleDiff) {
            const diffAsStr`,
  },
  {
    why: "an element that was never scrolled needs not be asked how far, which is dear (src/scrolled.ts)",
    from: `  if (!newlyAddedElement) {
    if (n.scrollLeft) {`,
    to: `  if (!newlyAddedElement && !(record.isUnscrolled && record.isUnscrolled(n))) {
    if (n.scrollLeft) {`,
  },
  {
    why: "no node of a page is one of rrweb's virtual nodes, which are the player's",
    from: `n instanceof BaseRRNode && "shadowRoot" in n`,
    to: "false",
  },
  {
    why: "a mirror that only tells that it has moved",
    from: `if (typeof window !== "undefined" && window.Proxy && window.Reflect) {
  _mirror`,
    to: `if (false) {
  _mirror`,
  },
  {
    why: "tells how long it took, and heeds next to nothing when it is to (src/capture.ts)",
    from: `      mutations.forEach(this.processMutation);
      this.emit();`,
    to: `      if (record.isDeaf) {
        mutations.filter((m) => m.attributeName === "type").forEach(this.processMutation);
        return;
      }
      const startedAt = performance.now();
      mutations.forEach(this.processMutation);
      this.emit();
      if (record.onMutations) record.onMutations(performance.now() - startedAt);`,
  },
  {
    why: "an event of a frame is masked before it leaves the frame (src/capture.ts)",
    from: `        event: eventProcessor(e),
        origin: window.location.origin,`,
    to: `        event: (record.onHandOver && record.onHandOver(e), e),
        origin: window.location.origin,`,
  },
  {
    why: "and is known for one in the page around it",
    from: `    if (transformedEvent)
      this.wrappedEmit(`,
    to: `    if (transformedEvent) (record.handedOver ??= new WeakSet()).add(transformedEvent);
    if (transformedEvent)
      this.wrappedEmit(`,
  },
  {
    why: "the same members without their names as texts, so that the build may shorten them; none is one of its own",
    from: `    [\n      ${HANDED.map((name) => JSON.stringify(name)).join(",\n      ")}\n    ].forEach((key) => {
      this[key] = options[key];
    });`,
    to: "    Object.assign(this, options);",
  },
  { why: "hooks are an option that the recorder does not set", from: "  mergeHooks(o, hooks);\n", to: "" },
  {
    why: "an option that the recorder does not set",
    from: `if (tagName === "img" && inlineImages) {`,
    to: "if (false) {",
  },
  {
    why: "text is masked after rrweb, by src/privacy/masking.ts, and nothing is asked for each node before",
    from: "function needMaskingText(node, maskTextClass, maskTextSelector, checkAncestors) {",
    to: "function needMaskingText() {\n  return false;",
  },
  {
    why: "an option that the recorder does not set",
    from: `if (tagName === "iframe" && !keepIframeSrcFn(attributes.src)) {`,
    to: `if (tagName === "iframe") {`,
  },
  {
    why: "likewise",
    from: `attributeName === "src" && !this.keepIframeSrcFn(value)) {`,
    to: `attributeName === "src") {`,
  },
  {
    why: "likewise",
    from: `if (ignoreCSSAttributes.has(property)) {
          return setProperty`,
    to: `if (false) {
          return setProperty`,
  },
  {
    why: "likewise",
    from: `if (ignoreCSSAttributes.has(property)) {
          return removeProperty`,
    to: `if (false) {
          return removeProperty`,
  },
  {
    why: "classes as regular expressions are an option that the recorder does not set",
    from: "function classMatchesRegex(node, regex, checkAncestors) {",
    to: "function classMatchesRegex() {\n  return false;",
  },
  {
    why: "of the ways to say it, the recorder says `slimDOMOptions: true`",
    from: "function slimDOMDefaults(_slimDOMOptions) {",
    to: "function slimDOMDefaults() {\n  return { headWhitespace: true };",
  },
  {
    why: "the same, but of all `meta` only what playback needs: the others' contents are masked (src/privacy/rules.ts)",
    from: "function slimDOMExcluded(sn, slimDOMOptions) {",
    to: `function slimDOMExcluded({ type, tagName, attributes }) {
  if (type === NodeType.Comment || tagName === "script") return true;
  const { name, rel, as, href } = attributes ?? {};
  if (tagName === "link") {
    return rel === "preload" && as === "script" || rel === "modulepreload" || rel === "shortcut icon" ||
      rel === "prefetch" && typeof href === "string" && extractFileExtension(href) === "js";
  }
  return tagName === "meta" && name !== "viewport" && !attributes.charset;`,
  },
  {
    why: "the recorder names the inputs to mask",
    from: "  mirror.reset();\n  const maskInputOptions = maskAllInputs === true ? {",
    to: "  mirror.reset();\n  const maskInputOptions = false ? {",
  },
  {
    why: "likewise",
    from: "  } = options;\n  const maskInputOptions = maskAllInputs === true ? {",
    to: "  } = options;\n  const maskInputOptions = false ? {",
  },
  {
    why: "plugins are an option that the recorder does not set",
    from: "for (const plugin of plugins || []) {\n      if (plugin.eventProcessor) {",
    to: "if (false) for (const plugin of []) {\n      if (plugin.eventProcessor) {",
  },
  {
    why: "likewise",
    from: "for (const plugin of plugins || []) {\n    if (plugin.getMirror)",
    to: "if (false) for (const plugin of []) {\n    if (plugin.getMirror)",
  },
  {
    why: "likewise",
    from: "plugins: ((_a2 = plugins == null ? void 0 : plugins.filter((p) => p.observer)) == null ? void 0 : _a2.map((p) => ({",
    to: "plugins: (true ? void 0 : _a2.map((p) => ({",
  },
  {
    why: "likewise",
    from: "for (const plugin of o.plugins) {",
    to: "if (false) for (const plugin of []) {",
  },
  {
    why: "the recorder starts it once the page is parsed (src/capture.ts)",
    from: `    if (["interactive", "complete"].includes(document.readyState)) {
      init();
    } else {`,
    to: `    init();
    if (false) {`,
  },
  { why: "every browser that runs ES2020 has what it adds", from: "  polyfill();\n", to: "" },
  {
    why: "snapshots by a clock or a count of rrweb's own are options that the recorder does not set",
    from: `    if (e.type === EventType.FullSnapshot) {
      lastFullSnapshotEvent = e;
      incrementalSnapshotCount = 0;
    } else if (e.type === EventType.IncrementalSnapshot) {
      if (e.data.source === IncrementalSource.Mutation && e.data.isAttachIframe) {
        return;
      }
      incrementalSnapshotCount++;
      const exceedCount = checkoutEveryNth && incrementalSnapshotCount >= checkoutEveryNth;
      const exceedTime = checkoutEveryNms && e.timestamp - lastFullSnapshotEvent.timestamp > checkoutEveryNms;
      if (exceedCount || exceedTime) {
        takeFullSnapshot(true);
      }
    }
`,
    to: "",
  },
  { why: "packing is an option that the recorder does not set", from: "if (packFn && //", to: "if (false && //" },
  {
    why: "likewise its old name for how often the pointer is told",
    from: "if (mousemoveWait !== void 0 && sampling.mousemove === void 0) {",
    to: "if (false) {",
  },
  {
    why: "whether a visitor or a script has changed a field is told by an option that the recorder does not set",
    from: "userTriggeredOnInput ? { text, isChecked, userTriggered } : { text, isChecked }",
    to: "{ text, isChecked }",
  },
  {
    why: "likewise",
    from: "userTriggeredOnInput ? { text: text2, isChecked: !isChecked, userTriggered: false } : {",
    to: "{",
  },
  { why: "the pointer is told", from: "if (sampling.mousemove === false) {", to: "if (false) {" },
  { why: "likewise", from: "if (sampling.mouseInteraction === false) {", to: "if (false) {" },
  { why: "and each input", from: `sampling.input === "last" ? ["change"] : [`, to: "[" },
];

/** @throws Error where rrweb does not read as a change expects it */
export function fasterRrweb(): Plugin {
  return {
    name: "faster-rrweb",
    transform(code, id) {
      return /@rrweb\/record\/dist\/record\.js/.test(id) ? changed(code) : null;
    },
  };
}

export function changed(code: string): string {
  const text = CHANGES.reduce((text, { from, to }) => {
    const [before, ...after] = text.split(from);
    if (after.length !== 1)
      throw new Error(`faster-rrweb: rrweb has ${after.length} times what is to be changed:\n${from}`);
    return `${before}${to}${after[0]}`;
  }, code);
  return withoutEnums(withoutOptions(text));
}

/** Options that nothing reads after these changes, but that are handed from function to function. */
export const UNREAD = [
  "blockClass",
  "maskTextClass",
  "maskTextSelector",
  "keepIframeSrcFn",
  "inlineImages",
  "ignoreCSSAttributes",
];

/** Of members, parameters and arguments those that are called so. */
function withoutOptions(code: string): string {
  return UNREAD.reduce((text, name) => {
    const field = new RegExp(`^ *__publicField\\$?\\d*\\(this, "${name}"\\);$`, "gm");
    const handed = new RegExp(`(\\b${name}: )?\\b(this\\.)?${name}( = [^,\\n]+)?(,\\s*|(?=\\n\\s*\\}))`, "g");
    return text.replace(field, "").replace(handed, "");
  }, code);
}

/** Members of TypeScript's enums become their numbers, which no minifier does: `EventType.Meta` is `4`. */
function withoutEnums(code: string): string {
  const enums = /^(?:var|const) (\w+) = \/\* @__PURE__ \*\/ \(\((\w+)\) => \{\n([\s\S]*?)\n\}\)\(\1 \|\| \{\}\);/gm;
  let text = code;
  for (const [, name, , body = ""] of code.matchAll(enums)) {
    for (const [, member, value] of body.matchAll(/\w+\[\w+\["(\w+)"\] = (\d+)\] = "\1";/g)) {
      text = text.replace(new RegExp(`\\b${name}\\.${member}\\b`, "g"), value as string);
    }
  }
  return text;
}
