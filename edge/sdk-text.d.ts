/** The recorder's built files, bound as texts by the rule in wrangler.toml. */
declare module "*/sdk/dist/rrhog.js" {
  const script: string;
  export default script;
}
declare module "*/sdk/dist/rrhog-observe.js" {
  const script: string;
  export default script;
}
