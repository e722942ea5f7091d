/** What the recorder's build says of its files. It is made before the edge is. */
declare module "*/sdk/dist/manifest.json" {
  type File = { path: string; hash: string; integrity: string };
  const manifest: Record<"rrhog.js" | "rrhog-observe.js", File>;
  export default manifest;
}
