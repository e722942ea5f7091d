import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { data, Form, redirect, useNavigation } from "react-router";
import { z } from "zod";
import { answer, apiClient, reach, refusalInWords } from "../api.server.ts";
import entryStyles from "../auth/entry-page.module.css";
import { EntryPage } from "../auth/entry-page.tsx";
import { signInPath } from "../auth/safe-redirect.ts";
import { Refused } from "../components/refused.tsx";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/invitation";

export const meta: Route.MetaFunction = () => [{ title: "Invitation · rrHog" }];

/** The token stands in this page's address: no other page is told it. */
export const headers: Route.HeadersFunction = () => ({ "Referrer-Policy": "no-referrer", "Cache-Control": "no-store" });

const Account = z.object({
  name: z.string().trim().min(1, "Type your name").max(100),
  password: z.string().min(10, "At least ten characters").max(128, "At most 128 characters"),
});

/** What the link offers, and whether who looks is the one whom it is for. */
export async function loader(args: Route.LoaderArgs) {
  const { auth } = apiClient(args).v1;
  const offer = await answer(auth.invitations.read.$post({ json: { token: args.params.token } }), args);
  const me = await auth.me.$get();
  const email = me.status === 200 ? (await me.json()).user.email : null;
  return { offer, signedInAs: email, signIn: signInPath(new URL(args.request.url)) };
}

/** Joins the project; with a name and a password as a new person, who is signed in by it. */
export async function action(args: Route.ActionArgs) {
  const { auth } = apiClient(args).v1;
  const { token } = args.params;
  const form = Object.fromEntries(await args.request.formData());
  const account = "password" in form ? Account.safeParse(form) : null;
  if (account && !account.success) {
    return data({ error: account.error.issues[0]?.message ?? "The form is incomplete" }, { status: 400 });
  }
  const { project } = await answer(auth.invitations.read.$post({ json: { token } }), args);
  const reached = await reach<Response>(
    auth.invitations.accept.$post({ json: { token, ...account?.data } }),
    args.request,
  );
  if (!reached.ok) return data({ error: reached.failure.title }, { status: 503 });
  const { response } = reached;
  if (!response.ok) {
    return data({ error: await refusalInWords(response) }, { status: response.status });
  }
  return redirect(`/projects/${project.id}`, { headers: pick(response.headers, ["set-cookie"]) });
}

export default function Invitation({ loaderData, actionData }: Route.ComponentProps) {
  const { offer, signedInAs, signIn } = loaderData;
  const busy = useNavigation().state !== "idle";
  return (
    <EntryPage title={`Join ${offer.project.name}`} words={`${offer.email} is invited as ${offer.role}.`}>
      <Refused error={actionData?.error} />

      {signedInAs === offer.email ? (
        <Form method="post" className={entryStyles.form}>
          <Button type="submit" size="md" fullWidth loading={busy}>
            Join as {signedInAs}
          </Button>
        </Form>
      ) : signedInAs !== null ? (
        <p className={entryStyles.dim}>
          You are signed in as {signedInAs}. Sign out, then open the invitation's link again.
        </p>
      ) : offer.has_account ? (
        <p className={entryStyles.dim}>
          This address has an account: <Anchor href={signIn}>sign in</Anchor>, then join.
        </p>
      ) : (
        <Form method="post" className={entryStyles.form} noValidate>
          <TextInput name="name" label="Name" autoComplete="name" required size="md" />
          <PasswordInput
            name="password"
            label="Password"
            description="At least ten characters"
            autoComplete="new-password"
            required
            size="md"
          />
          <Button type="submit" size="md" fullWidth loading={busy}>
            Join
          </Button>
        </Form>
      )}
    </EntryPage>
  );
}
