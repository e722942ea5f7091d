/** Told by vite.config.ts of the lazy part, as it was built. */
declare module "virtual:observe-file" {
  export const integrity: string;
  /** Behind the address of the script without its extension. */
  export const path: string;
}
