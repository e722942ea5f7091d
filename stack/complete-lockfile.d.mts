/** @returns the names that were added, as `name@version`; the lock is completed in place */
export function completeLock(lock: { packages: Record<string, unknown> }): string[];
