/** The recorder's built file, bound as text by the rule in wrangler.toml. */
declare module "*/sdk/dist/rrhog.js" {
  const script: string;
  export default script;
}
