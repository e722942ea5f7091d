/**
 * What one page may cost. Real ones stay far below; beyond it nodes and texts are left out and counted, so that a
 * recording that was made to do harm costs a known amount of memory and time.
 */

/** Nodes at a time. The largest pages that recorders are known to be used on have a quarter million. */
export const NODES_MAX = 500_000;
/** Of a node below the document, frames and shadow roots counted: what JSON.stringify and rrweb's own recursion can hold. */
export const DEPTH_MAX = 1_000;
/** Characters of all texts and attributes. */
export const CHARS_MAX = 64 * 1024 * 1024;
/** Attributes that mutations may add to one element. */
export const ATTRIBUTES_MAX = 1_000;
/** Nodes that wait for a sibling or a frame, over all events. */
export const WAITING_MAX = 10_000;
/** Nodes that are moved, with all in them, by one event. */
export const MOVES_MAX = NODES_MAX;
/** Adopted sheets. */
export const SHEETS_MAX = 5_000;
/** Fonts. */
export const FONTS_MAX = 200;
