/** @param replayer rrweb's, just made */
export function carryOn(replayer: object): void;
