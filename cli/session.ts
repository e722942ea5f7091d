/** Commands that do what members do sign in like them, and are refused in the API's own words. */
import { Problem } from "#protocol/problem.ts";

/** For the usage of such commands. */
export const SIGN_IN_USAGE =
  "RRHOG_EMAIL, RRHOG_PASSWORD: of a member of the project. Without them the demo owner of the embedded stack";

/**
 * @returns the session's cookie, as a request sends it
 * @throws Error in the API's own words
 */
export async function signIn(apiUrl: string): Promise<string> {
  const { RRHOG_EMAIL: email, RRHOG_PASSWORD: password } = process.env;
  const answer =
    email === undefined
      ? await fetch(`${apiUrl}/v1/auth/demo`, { method: "POST" })
      : await fetch(`${apiUrl}/v1/auth/sign-in`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ email, password }),
        });
  const [cookie] = answer.headers.getSetCookie();
  await answered(answer).catch((error: Error) => {
    const hint = email === undefined ? " Set RRHOG_EMAIL and RRHOG_PASSWORD." : "";
    throw new Error(`cannot sign in at ${apiUrl}: ${error.message}.${hint}`);
  });
  return cookie?.split(";")[0] ?? "";
}

/** @throws Error in the API's own words */
export async function answered(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body;
  const problem = Problem.safeParse(body);
  if (!problem.success) throw new Error(`the API answers ${answer.status}`);
  const { title, detail, issues = [] } = problem.data;
  const reason = detail === undefined ? title : `${title}: ${detail}`;
  throw new Error([reason, ...issues.map(({ path, message }) => `${path}: ${message}`)].join("\n  "));
}
