/** A document's elements as a tree that opens level by level. Pointing at one shows where it is on the page. */
import { useState } from "react";
import styles from "./dom-tree.module.css";

/** What is open to begin with: the document's own element, and its body. */
const OPEN_LEVELS = 2;
const CHILDREN_SHOWN = 200;
const TEXT_CHARS = 120;
const [ELEMENT, TEXT] = [1, 3];
/** Classes by which rrweb shows what was pointed at, and that it stands still. */
const OF_PLAYER = new Set([":hover", "rrweb-paused"]);
/** What says how a page looks, and nothing that anybody saw. */
const CLOSED = new Set(["head", "script", "style", "noscript", "svg"]);

export function DomTree({ root }: { root: Element }) {
  return (
    <ul className={styles.tree}>
      <Branch node={root} level={0} />
    </ul>
  );
}

function Branch({ node, level }: { node: Element; level: number }) {
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS && !CLOSED.has(node.localName));
  const children = childrenOf(node);
  const words = children.length === 1 && children[0]?.nodeType === TEXT ? textOf(children[0]) : null;
  if (children.length === 0 || words !== null) {
    return (
      <li className={styles.leaf} {...pointingAt(node)}>
        <Tag node={node} /> {words}
      </li>
    );
  }
  return (
    <li>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary {...pointingAt(node)}>
          <Tag node={node} />
        </summary>
        {isOpen && (
          <ul className={styles.children}>
            {children.slice(0, CHILDREN_SHOWN).map((child) =>
              isElement(child) ? (
                <Branch key={keyOf(child)} node={child} level={level + 1} />
              ) : (
                <li key={keyOf(child)} className={styles.leaf}>
                  {textOf(child)}
                </li>
              ),
            )}
            {children.length > CHILDREN_SHOWN && (
              <li className={styles.leaf}>and {children.length - CHILDREN_SHOWN} more</li>
            )}
          </ul>
        )}
      </details>
    </li>
  );
}

function Tag({ node }: { node: Element }) {
  return (
    <code className={styles.tag}>
      &lt;<b>{node.localName}</b>
      {attributesOf(node).map(({ name, value }) => (
        <span key={name}>
          {" "}
          <span className={styles.name}>{name}</span>
          {value !== "" && `="${short(value)}"`}
        </span>
      ))}
      &gt;
    </code>
  );
}

/** Without what the player itself puts on the page's elements. */
function attributesOf(node: Element): { name: string; value: string }[] {
  return [...node.attributes].flatMap(({ name, value }) => {
    if (name !== "class") return [{ name, value }];
    const own = value.split(/\s+/).filter((word) => !OF_PLAYER.has(word));
    return own.join("") === "" ? [] : [{ name, value: own.join(" ") }];
  });
}

/** What lies in a shadow tree stands before what the page put into the element. */
function childrenOf(node: Element): ChildNode[] {
  return [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].filter((child) =>
    isElement(child) ? !isOfPlayer(child) : child.nodeType === TEXT && child.textContent?.trim(),
  );
}

/** The player's own styles, beside the document's head and body. */
function isOfPlayer({ localName, parentElement, ownerDocument }: Element): boolean {
  return localName === "style" && parentElement === ownerDocument.documentElement;
}

/** It is of another realm: `instanceof` would not know it. */
function isElement(node: ChildNode): node is ChildNode & Element {
  return node.nodeType === ELEMENT;
}

const textOf = (node: ChildNode) => short((node.textContent ?? "").trim());
const short = (text: string) => (text.length > TEXT_CHARS ? `${text.slice(0, TEXT_CHARS)}…` : text);

const keys = new WeakMap<Node, number>();
let lastKey = 0;

function keyOf(node: Node): number {
  const key = keys.get(node) ?? ++lastKey;
  keys.set(node, key);
  return key;
}

const OUTLINE = "2px solid #6f6ce0";
const pointed = new WeakMap<Element, Animation>();

/** By an animation: the replayed page's own attributes stay what they were recorded as. */
function pointingAt(node: Element) {
  const point = () => {
    pointed.set(node, node.animate({ outline: [OUTLINE, OUTLINE] }, { duration: 1, fill: "forwards" }));
  };
  const leave = () => pointed.get(node)?.cancel();
  return { onPointerEnter: point, onPointerLeave: leave, onFocus: point, onBlur: leave };
}
