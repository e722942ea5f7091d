/** rrweb's mutations of the tree, in the order in which its Replayer applies them: removes, adds, texts, attributes. */
import { WAITING_MAX } from "./limits.ts";
import { type DomNode, NodeType, remove } from "./node.ts";
import { idOf, isRecord, type Json, records } from "./read-node.ts";
import { type DomTree, isFrame } from "./tree.ts";

/** A node of an old recorder, which said that a sibling was not there yet. */
interface Unplaced {
  node: DomNode;
  previousId: number | null;
  nextId: number | null;
}

export class Mutations {
  readonly #tree: DomTree;
  readonly #unplaced = new Map<number, Unplaced>();

  constructor(tree: DomTree) {
    this.#tree = tree;
  }

  /** A full snapshot leaves nothing to wait for. */
  clear(): void {
    this.#unplaced.clear();
  }

  apply(data: Json): void {
    const tree = this.#tree;
    for (const removal of records(data.removes)) {
      const node = tree.known(removal.id);
      if (node && tree.known(removal.parentId)) tree.drop(node);
    }
    this.#addAll(records(data.adds));
    const changed = new Set<DomNode>();
    for (const mutation of records(data.texts).toReversed()) {
      const node = tree.known(mutation.id);
      if (!node || changed.has(node)) continue;
      changed.add(node);
      tree.setText(node, typeof mutation.value === "string" ? mutation.value : "");
    }
    for (const mutation of records(data.attributes)) {
      const node = tree.known(mutation.id);
      if (node && isRecord(mutation.attributes)) tree.setAttributes(node, mutation.attributes);
    }
  }

  /**
   * An add names its parent and the sibling after it, and may come before them: then it waits for the one that it lacks.
   * What still waits at the end of the event is left out, as rrweb does after trying for half a second.
   */
  #addAll(adds: readonly Json[]): void {
    const tree = this.#tree;
    const waiting = new Map<number, Json[]>();
    for (const first of adds) {
      const ready = [first];
      for (let add = ready.pop(); add; add = ready.pop()) {
        const lacks = this.#add(add);
        if (lacks !== null) {
          const others = waiting.get(lacks);
          if (others) others.push(add);
          else waiting.set(lacks, [add]);
          continue;
        }
        const id = isRecord(add.node) ? idOf(add.node.id) : null;
        const waiters = id === null || waiting.size === 0 || !tree.get(id) ? undefined : waiting.get(id);
        if (id === null || !waiters) continue;
        waiting.delete(id);
        for (const waiter of waiters.reverse()) ready.push(waiter);
      }
    }
    for (const left of waiting.values()) tree.leftOut.missing += left.length;
  }

  /** @returns the id of the node that it waits for; null where it is done, or can never be */
  #add(add: Json): number | null {
    const tree = this.#tree;
    const { node: serialized } = add;
    if (!isRecord(serialized)) return null;
    const parentId = idOf(add.parentId);
    const parent = parentId === null ? null : tree.get(parentId);
    if (!parent) {
      if (parentId === null) tree.leftOut.missing++;
      else if (serialized.type !== NodeType.Document) return parentId;
      else tree.keepWaiting(parentId, serialized);
      return null;
    }
    const nextId = idOf(add.nextId);
    const next = nextId === null ? null : tree.get(nextId);
    if (nextId !== null && !next) return nextId;
    const rootId = idOf(serialized.rootId);
    if (rootId !== null && !tree.get(rootId)) {
      tree.leftOut.missing++;
      return null;
    }
    if (isFrame(parent)) {
      if (serialized.type === NodeType.Document) tree.attach(parent, serialized);
      return null;
    }
    const home = serialized.isShadow === true ? tree.shadowOf(parent) : parent;
    const node = home && tree.make(serialized);
    if (!home || !node) return null;
    const previousId = idOf(add.previousId);
    if ((add.previousId === -1 || add.nextId === -1) && this.#unplaced.size < WAITING_MAX) {
      this.#unplaced.set(node.id, { node, previousId, nextId });
      return null;
    }
    this.#makeRoom(home, node);
    const previous = previousId === null ? null : tree.get(previousId);
    const before = previous?.next && previous.parent === home ? previous.next : next?.parent === home ? next : null;
    if (tree.place(home, node, before)) this.#placeSiblings(home, { node, previousId, nextId });
    return null;
  }

  /** What a parent may have once only: a page its root and its doctype, a text area its text. */
  #makeRoom(parent: DomNode, node: DomNode): void {
    if (parent.type === NodeType.Document && (node.type === NodeType.Element || node.type === NodeType.DocumentType)) {
      let rival = parent.first;
      while (rival && (rival.type !== node.type || rival === node)) rival = rival.next;
      if (!rival) return;
      // It may come from inside of what makes room for it.
      remove(node);
      this.#tree.drop(rival);
    } else if (parent.tag === "textarea" && node.type === NodeType.Text) {
      this.#tree.setAttribute(parent, "value", null);
      for (let child = parent.first; child; ) {
        const following: DomNode | null = child.next;
        if (child !== node) this.#tree.drop(child);
        child = following;
      }
    }
  }

  /** A node that waited for this one stands beside it. */
  #placeSiblings(parent: DomNode, placed: Unplaced): void {
    if (this.#unplaced.size === 0) return;
    const looking = [placed];
    for (let at = looking.pop(); at; at = looking.pop()) {
      for (const [id, before] of [
        [at.previousId, at.node],
        [at.nextId, at.node.next],
      ] as const) {
        const found = id === null ? undefined : this.#unplaced.get(id);
        if (!found) continue;
        this.#unplaced.delete(found.node.id);
        const isThere = this.#tree.get(found.node.id) === found.node;
        if (isThere && this.#tree.place(parent, found.node, before)) looking.push(found);
      }
    }
  }
}
