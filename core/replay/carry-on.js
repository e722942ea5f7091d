/**
 * Keeps rrweb's player going past what it cannot apply. Its clock is a loop that an event which throws ends for good, and a
 * seek applies all events up to a moment or none: such an event is left out, and those that follow are played. The tree in
 * which it seeks takes a node into itself, and then never comes to an end: such nodes are left out as well.
 *
 * JavaScript, since the page that an export is has it as text (core/api/export/session-html.ts). What is replaced here is
 * not of the player's public interface: test/console.test.ts holds that it is there.
 */

/** rrweb's `EventType`, `IncrementalSource` and `NodeType`. */
const INCREMENTAL = 3;
const MUTATION = 0;
const DOCUMENT = 0;

/** As core/facts/dom/limits.ts: what a browser lays out by recursion. */
const DEPTH_MAX = 1_000;

/** Sheets are also applied once a seek is made. */
const APPLYING = [
  "rebuildFullSnapshot",
  "applyIncremental",
  "applyStyleSheetMutation",
  "applyAdoptedStyleSheet",
  "moveAndHover",
];

export function carryOn(replayer) {
  forgive(replayer.mediaManager, "syncAllMediaElements");
  for (const name of APPLYING) forgive(replayer, name);
  const apply = replayer.applyIncremental;
  replayer.applyIncremental = (event, isSync) => {
    if (event.type === INCREMENTAL && event.data.source === MUTATION) {
      const { mirror } = replayer.usingVirtualDom ? replayer.virtualDom : replayer;
      event.data.adds = placeable(event.data, mirror);
    }
    apply(event, isSync);
  };
}

function forgive(object, name) {
  const apply = object[name].bind(object);
  object[name] = (...args) => {
    try {
      apply(...args);
    } catch {
      // Left out.
    }
  };
}

/** Without those that would be in themselves, deeper than any page is, or a document in what is no frame. */
function placeable({ adds, removes }, mirror) {
  const moved = new Map();
  const removed = new Set(removes.filter(({ parentId }) => mirror.has(parentId)).map(({ id }) => id));
  const parentOf = (id) => moved.get(id) ?? mirror.getId(mirror.getNode(id)?.parentNode);
  const isKnown = (id) => moved.has(id) || (mirror.has(id) && !removed.has(id));
  return adds.filter(({ parentId, node }) => {
    const parent = mirror.getNode(parentId);
    if (node.type === DOCUMENT) return !parent || parent.nodeName === "IFRAME";
    const mayBeInItself = isKnown(node.id);
    let depth = 0;
    for (let at = parentId; at > 0; at = parentOf(at)) {
      if ((mayBeInItself && at === node.id) || ++depth > DEPTH_MAX) return false;
    }
    moved.set(node.id, parentId);
    return true;
  });
}
