import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { data, Form, redirect, useNavigation } from "react-router";
import { z } from "zod";
import { apiClient, reach, refusalInWords } from "../api.server.ts";
import entryStyles from "../auth/entry-page.module.css";
import { EntryPage } from "../auth/entry-page.tsx";
import { safeRedirect } from "../auth/safe-redirect.ts";
import { Refused } from "../components/refused.tsx";
import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/sign-in";
import styles from "./sign-in.module.css";

export const meta: Route.MetaFunction = () => [{ title: "Sign in · rrHog" }];

const Submission = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("demo") }),
  z.object({
    intent: z.literal("password"),
    email: z.email("This is no e-mail address").max(254),
    password: z.string().min(1, "Type your password").max(256),
  }),
]);

/** Why the identity provider's answer was not enough (GET /v1/auth/oidc/callback). */
const REFUSED = new Map([
  ["sso_failed", "Single sign-on did not work. Try again."],
  ["sso_email_unverified", "The identity provider has not verified your e-mail address."],
  ["sso_email_domain", "Addresses of your domain are not let in here."],
  ["sso_email_taken", "Your e-mail address belongs to another account here. Ask who runs this instance."],
  ["sso_unavailable", "The identity provider does not answer now. Try again later."],
]);

/** Sends those who are signed in on their way; the rest see the form, also while the API is away. */
export async function loader(args: Route.LoaderArgs) {
  const { settings } = args.context.get(environmentContext);
  const { searchParams } = new URL(args.request.url);
  const next = searchParams.get("next");
  const { auth } = apiClient(args).v1;
  const [me, methods] = await Promise.all([
    auth.me.$get().catch(() => null),
    auth.methods
      .$get()
      .then((response) => (response.status === 200 ? response.json() : null))
      .catch(() => null),
  ]);
  if (me?.status === 200) throw redirect(safeRedirect(next));
  if (methods?.first_run) throw redirect("/first-run");
  return {
    embedded: settings.embedded,
    ssoPath: methods?.oidc ? `/v1/auth/oidc/start?${new URLSearchParams({ next: safeRedirect(next) })}` : null,
    refused: REFUSED.get(searchParams.get("refused") ?? "") ?? null,
  };
}

/** Signs in at the API and hands its cookie on. Answers the form again, with what was wrong, where that fails. */
export async function action(args: Route.ActionArgs) {
  const form = await args.request.formData();
  const parsed = Submission.safeParse(Object.fromEntries(form));
  const email = String(form.get("email") ?? "");
  if (!parsed.success) {
    return data({ email, error: parsed.error.issues[0]?.message ?? "The form is incomplete" }, { status: 400 });
  }
  const { auth } = apiClient(args).v1;
  const submission = parsed.data;
  const reached =
    submission.intent === "demo"
      ? await reach<Response>(auth.demo.$post(), args.request)
      : await reach<Response>(auth["sign-in"].$post({ json: submission }), args.request);
  if (!reached.ok) {
    return data({ email, error: `${reached.failure.title}. Look at what npm run doctor says.` }, { status: 503 });
  }
  const { response } = reached;
  if (!response.ok) {
    return data({ email, error: await refusalInWords(response) }, { status: response.status });
  }
  return redirect(safeRedirect(new URL(args.request.url).searchParams.get("next")), {
    headers: pick(response.headers, ["set-cookie"]),
  });
}

export default function SignIn({ loaderData, actionData }: Route.ComponentProps) {
  const { state, formData } = useNavigation();
  const busyWith = state === "idle" ? null : formData?.get("intent");
  const error = actionData?.error ?? loaderData.refused;
  return (
    <EntryPage title="Sign in to rrHog" words="What happened to this person? Watch it.">
      <Refused error={error} id="sign-in-error" />

      {loaderData.ssoPath && (
        <Button component="a" href={loaderData.ssoPath} size="md" fullWidth variant="default">
          Single sign-on
        </Button>
      )}

      {loaderData.embedded && (
        <>
          <Form method="post">
            <input type="hidden" name="intent" value="demo" />
            <Button
              type="submit"
              size="md"
              fullWidth
              rightSection={<IconArrowRight size={18} />}
              loading={busyWith === "demo"}
            >
              Continue as demo owner
            </Button>
          </Form>
          <div className={styles.or}>
            <span>or with your own account</span>
          </div>
        </>
      )}

      <Form method="post" className={entryStyles.form} noValidate>
        <input type="hidden" name="intent" value="password" />
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          autoComplete="username"
          defaultValue={actionData?.email ?? ""}
          required
          size="md"
          aria-describedby={error ? "sign-in-error" : undefined}
        />
        <PasswordInput name="password" label="Password" autoComplete="current-password" required size="md" />
        <Button
          type="submit"
          size="md"
          fullWidth
          variant={loaderData.embedded ? "default" : "filled"}
          loading={busyWith === "password"}
        >
          Sign in
        </Button>
      </Form>
    </EntryPage>
  );
}
