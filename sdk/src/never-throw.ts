/** The recorder is a guest: whatever goes wrong in it stays in it. The page gets `fallback`, the console one line. */
export function neverThrow<Args extends unknown[]>(work: (...args: Args) => void): (...args: Args) => void;
export function neverThrow<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
  fallback: Result,
): (...args: Args) => Result;
export function neverThrow<Args extends unknown[], Result>(work: (...args: Args) => Result, fallback?: Result) {
  return (...args: Args) => {
    try {
      return work(...args);
    } catch (error) {
      console.debug("rrhog:", error);
      return fallback;
    }
  };
}
